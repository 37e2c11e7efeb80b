import Foundation

/// Files that show the server another machine's limits, which a test may change.
final class PretendMachine {
  enum Version: CaseIterable { case one, two }

  private let root: URL
  private let limitFile: String

  init(_ version: Version, limitBytes: Int) throws {
    root = FileManager.default.temporaryDirectory.appending(path: "lmcache-e2e-machine-\(UUID().uuidString)")
    limitFile = version == .one ? "sys/memory/pod/memory.limit_in_bytes" : "sys/pod/memory.max"
    try write("MemTotal: 4194304 kB\nMemAvailable: 4194304 kB\n", to: "proc/meminfo")
    try write(version == .one ? "4:memory:/pod\n" : "0::/pod\n", to: "proc/self/cgroup")
    let mount = version == .one ? "/sys/memory rw - cgroup cgroup rw,memory" : "/sys rw - cgroup2 cgroup2 rw"
    try write("31 23 0:27 / \(mount)\n", to: "proc/self/mountinfo")
    try limit(limitBytes)
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  var environment: [String: String] { ["LMCACHE_SERVER_SYSTEM_ROOT": root.path()] }

  func limit(_ bytes: Int) throws { try write("\(bytes)\n", to: limitFile) }

  private func write(_ text: String, to path: String) throws {
    let file = root.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
}

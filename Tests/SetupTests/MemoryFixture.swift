import Foundation

@testable import Setup

extension MemoryWish {
  /// As `--memory` says it; nil: nothing was said.
  init(bytes: Int?) {
    var options = ServerOptions()
    options.memoryBytes = bytes
    self.init(options)
  }
}

/// A simulated machine: a folder with the files of `/proc` and `/sys` that the server reads.
final class MemoryFixture {
  private let root: String
  var files: SystemFiles { SystemFiles(root: root) }

  /// 64 GiB, of which 40 are free.
  static let meminfo = "MemTotal:       67108864 kB\nMemFree:         1000 kB\nMemAvailable:   41943040 kB\n"

  init(_ contents: [String: String], meminfo: String? = MemoryFixture.meminfo) throws {
    root = NSTemporaryDirectory() + "lmcache-server-" + UUID().uuidString
    var all = contents
    all["/proc/meminfo"] = meminfo
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    for (path, text) in all { try write(text, to: path) }
  }

  func write(_ text: String, to path: String) throws {
    let full = root + path
    let folder = String(full[..<full.lastIndex(of: "/")!])
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: full))
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  /// Mounts of a machine with version two, with others among them.
  static let mountsTwo = """
    23 28 0:21 / /proc rw,nosuid - proc proc rw
    28 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
    31 23 0:27 / /sys/fs/cgroup rw,nosuid shared:9 master:2 - cgroup2 cgroup2 rw,nsdelegate

    """

  /// Mounts of a machine with version one, beside the empty hierarchy of version two that systemd keeps.
  static let mountsHybrid = """
    31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
    32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:4 - cgroup cgroup rw,cpu,cpuacct
    34 31 0:30 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset
    35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
    41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw

    """

  /// A container of version one: each hierarchy is mounted at the container's own cgroup.
  static func mountsInContainerOne(_ cgroup: String) -> String {
    """
    710 700 0:32 \(cgroup) /sys/fs/cgroup/memory ro,nosuid master:13 - cgroup cgroup rw,memory
    711 700 0:29 \(cgroup) /sys/fs/cgroup/cpu,cpuacct ro,nosuid master:14 - cgroup cgroup rw,cpu,cpuacct

    """
  }
}

import Foundation

/// A cgroup of the real kernel for one test, where this machine permits making one.
final class Cgroup {
  enum Resource: String { case memory, cpu }

  private let directory: String
  private let isTwo: Bool

  /// Of version one, or of version two if its root delegates this controller.
  private static func parent(_ resource: Resource) -> (path: String, isTwo: Bool)? {
    let one = "/sys/fs/cgroup/\(resource.rawValue)"
    if access(one + "/cgroup.procs", W_OK) == 0 { return (one, false) }
    let given = (try? String(contentsOfFile: "/sys/fs/cgroup/cgroup.subtree_control", encoding: .utf8)) ?? ""
    guard given.split(separator: " ").contains(where: { $0 == resource.rawValue }) else { return nil }
    return access("/sys/fs/cgroup/cgroup.procs", W_OK) == 0 ? ("/sys/fs/cgroup", true) : nil
  }

  static func isPossible(_ resource: Resource) -> Bool {
    guard let cgroup = try? Cgroup(resource) else { return false }
    cgroup.remove()
    return true
  }

  init(_ resource: Resource) throws {
    guard let parent = Self.parent(resource) else { throw HarnessFailure("no cgroup of \(resource) can be made here") }
    directory = "\(parent.path)/lmcache-e2e-\(UUID().uuidString)"
    isTwo = parent.isTwo
    guard mkdir(directory, 0o755) == 0 else {
      throw HarnessFailure("\(directory): \(String(cString: strerror(errno)))")
    }
  }

  /// Its processes end at about the same time; while one is left the cgroup cannot be removed.
  func remove() {
    for _ in 0..<250 {
      if rmdir(directory) == 0 { return }
      usleep(20_000)
    }
  }

  /// The shell commands that enter it.
  var entering: String { "echo $$ > \(directory)/cgroup.procs" }

  func limitMemory(bytes: Int) throws {
    try write("\(bytes)", to: isTwo ? "memory.max" : "memory.limit_in_bytes")
  }

  func limitCPU(milliseconds: Int, ofEach period: Int = 100) throws {
    if isTwo { return try write("\(milliseconds * 1000) \(period * 1000)", to: "cpu.max") }
    try write("\(period * 1000)", to: "cpu.cfs_period_us")
    try write("\(milliseconds * 1000)", to: "cpu.cfs_quota_us")
  }

  /// How often its processes ran into the limit.
  func memoryFailures() throws -> Int {
    guard isTwo else { return Int(try text(of: "memory.failcnt")) ?? -1 }
    let line = try text(of: "memory.events").split(separator: "\n").first { $0.hasPrefix("max ") }
    return line.flatMap { Int($0.split(separator: " ")[1]) } ?? -1
  }

  /// The highest charge so far.
  func memoryBytesMax() throws -> Int {
    Int(try text(of: isTwo ? "memory.peak" : "memory.max_usage_in_bytes")) ?? -1
  }

  private func text(of file: String) throws -> String {
    try String(contentsOfFile: "\(directory)/\(file)", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// How often its processes were throttled.
  func throttled() throws -> Int {
    let stat = try String(contentsOfFile: directory + "/cpu.stat", encoding: .utf8)
    let line = stat.split(separator: "\n").first { $0.hasPrefix("nr_throttled ") }
    return line.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
  }

  private func write(_ text: String, to file: String) throws {
    let descriptor = open("\(directory)/\(file)", O_WRONLY)
    defer { close(descriptor) }
    guard descriptor >= 0, text.utf8.count == Foundation.write(descriptor, text, text.utf8.count) else {
      throw HarnessFailure("\(directory)/\(file): \(String(cString: strerror(errno)))")
    }
  }
}

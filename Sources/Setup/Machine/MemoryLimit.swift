import Base

/// How much memory this process may use.
struct MemoryLimit: Equatable, Sendable {
  let bytes: Int
  /// The file that says so.
  let source: String

  private static let machineFile = "/proc/meminfo"
  private static let ownFile = "/proc/self/status"

  var text: String { "the memory limit of \(ByteSize.text(bytes)) (\(source))" }

  /// The least of what the cgroup and all its ancestors allow; nil when nothing is limited.
  static func ofCgroups(_ files: SystemFiles) -> MemoryLimit? {
    let directories = CgroupDirectories(controller: "memory", files: files)
    var limits: [MemoryLimit] = []
    for directory in directories.two {
      for name in ["memory.max", "memory.high"] { limits += limit(in: "\(directory)/\(name)", files) }
    }
    for directory in directories.one {
      limits += limit(in: "\(directory)/memory.limit_in_bytes", files)
      limits += hierarchicalLimit(in: "\(directory)/memory.stat", files)
    }
    return limits.min { $0.bytes < $1.bytes }
  }

  /// What the machine has, and of that what is free to us: also what we hold already, or asking twice would give less.
  static func ofMachine(_ files: SystemFiles) -> (total: MemoryLimit, available: Int)? {
    guard let total = kibibytes("MemTotal:", in: machineFile, files) else { return nil }
    let free = kibibytes("MemAvailable:", in: machineFile, files) ?? total
    let own = kibibytes("VmRSS:", in: ownFile, files) ?? 0
    return (MemoryLimit(bytes: total, source: machineFile), min(Int(clamping: UInt64(free) + UInt64(own)), total))
  }

  /// `max` is no number and so no limit; version one's "no limit" is larger than any machine.
  private static func limit(in path: String, _ files: SystemFiles) -> [MemoryLimit] {
    guard let bytes = files.words(path).first.flatMap({ UInt64($0) }) else { return [] }
    return [MemoryLimit(bytes: Int(clamping: bytes), source: path)]
  }

  /// Version one tells here about ancestors that a container does not see.
  private static func hierarchicalLimit(in path: String, _ files: SystemFiles) -> [MemoryLimit] {
    guard let bytes = files.number(named: "hierarchical_memory_limit", in: path) else { return [] }
    return [MemoryLimit(bytes: Int(clamping: bytes), source: path)]
  }

  private static func kibibytes(_ name: String, in file: String, _ files: SystemFiles) -> Int? {
    files.number(named: name, in: file).map { Int(clamping: min($0, UInt64.max / 1024) * 1024) }
  }
}

/// How much memory this process may use.
struct MemoryLimit: Equatable, Sendable {
  let bytes: Int
  /// The file that says so.
  let source: String

  private static let machineFile = "/proc/meminfo"

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

  /// What the machine has, and of that what is free.
  static func ofMachine(_ files: SystemFiles) -> (total: MemoryLimit, available: Int)? {
    guard let total = kibibytes("MemTotal:", files) else { return nil }
    return (MemoryLimit(bytes: total, source: machineFile), kibibytes("MemAvailable:", files) ?? total)
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

  private static func kibibytes(_ name: String, _ files: SystemFiles) -> Int? {
    files.number(named: name, in: machineFile).map { Int(clamping: min($0, UInt64.max / 1024) * 1024) }
  }
}

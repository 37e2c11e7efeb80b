import Base

/// How much more memory this process may take before the kernel ends it: the least over all limits of its cgroup and of
/// the ancestors that are seen here, of what the limit leaves and the kernel can free at once. Without any limit it is what
/// the machine has available. Cheap enough to be asked for every few megabytes.
package struct MemoryRoom: Sendable {
  private let levels: [CgroupLevel]
  private let machine: KernelFile
  /// A limit beyond it limits nothing.
  private let machineBytes: Int

  package init(files: SystemFiles = SystemFiles()) {
    let directories = CgroupDirectories(controller: "memory", files: files)
    levels =
      directories.two.map { CgroupLevel(version: .two, directory: $0, files: files) }
      + directories.one.map {
        CgroupLevel(version: .one, directory: $0, files: files, isInnermost: $0 == directories.one[0])
      }
    machine = KernelFile("/proc/meminfo", files)
    machineBytes = machine.read { $0.named("MemTotal:") }.map(Self.bytes) ?? .max
  }

  /// Negative where more is charged than a limit allows; nil when the system does not tell.
  package var bytes: Int? {
    var least: Int?
    // By numbers: a debug build allocates for each element otherwise.
    for index in 0..<levels.count {
      guard let room = levels[index].room(below: machineBytes) else { continue }
      least = min(room, least ?? room)
    }
    return least ?? machine.read { $0.named("MemAvailable:") }.map(Self.bytes)
  }

  private static func bytes(kibibytes: Int) -> Int { min(kibibytes, Int.max / 1024) * 1024 }
}

/// One cgroup, as its files tell.
private struct CgroupLevel: Sendable {
  private let version: CgroupMount.Version
  /// Only this one tells what limits ancestors that a container does not see.
  private let isInnermost: Bool
  private let limits: [KernelFile]
  private let charge: KernelFile
  private let statistics: KernelFile

  init(version: CgroupMount.Version, directory: String, files: SystemFiles, isInnermost: Bool = false) {
    self.version = version
    self.isInnermost = isInnermost
    let isTwo = version == .two
    // The soft limit of version two slows a process to a crawl, so it is one too.
    limits = (isTwo ? ["memory.max", "memory.high"] : ["memory.limit_in_bytes"]).map {
      KernelFile("\(directory)/\($0)", files)
    }
    charge = KernelFile("\(directory)/\(isTwo ? "memory.current" : "memory.usage_in_bytes")", files)
    statistics = KernelFile("\(directory)/memory.stat", files)
  }

  /// Nil where nothing is limited.
  func room(below machineBytes: Int) -> Int? {
    var limit = Int.max
    for index in 0..<limits.count { limit = min(limit, limits[index].number ?? .max) }
    if version == .one, isInnermost, let hidden = statistics.read({ $0.named("hierarchical_memory_limit") }) {
      limit = min(limit, hidden)
    }
    guard limit < machineBytes, let charged = charge.number else { return nil }
    return limit - charged + cleanCache
  }

  /// Files that the kernel can drop at once. Shared memory and what is locked lie in other lists; what is mapped is
  /// programs at work.
  private var cleanCache: Int {
    let names: CacheNames = version == .two ? .two : .one
    let bytes = statistics.read { numbers in
      let files = (numbers.named(names.active) ?? 0) + (numbers.named(names.inactive) ?? 0)
      let waiting = (numbers.named(names.dirty) ?? 0) + (numbers.named(names.writeback) ?? 0)
      return files - waiting - (numbers.named(names.mapped) ?? 0)
    }
    return max(0, bytes ?? 0)
  }
}

/// What version one and two call the same. Those of version one that have no `total_` are without the cgroups below.
private struct CacheNames {
  let active: StaticString
  let inactive: StaticString
  let dirty: StaticString
  let writeback: StaticString
  let mapped: StaticString

  static let one = CacheNames(
    active: "total_active_file", inactive: "total_inactive_file", dirty: "total_dirty",
    writeback: "total_writeback", mapped: "total_mapped_file")
  static let two = CacheNames(
    active: "active_file", inactive: "inactive_file", dirty: "file_dirty", writeback: "file_writeback",
    mapped: "file_mapped")
}

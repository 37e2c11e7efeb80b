import Base
import Store

/// What the options say about memory.
package struct MemoryWish: Equatable, Sendable {
  /// Nil: the budget is worked out from what this process may use.
  let bytes: Int?
  /// What the registry takes beside the budget.
  let besideBytes: Int
  /// What gave the two, as complaints call it.
  let name: String
  let besideName: String
  /// Whether a configuration file may ask for another size while the server runs.
  let mayChange: Bool

  package init(_ options: ServerOptions) {
    bytes = options.memoryBytes
    besideBytes = options.lookup == nil ? 0 : options.registryBytes
    name = options.name(of: .memory)
    besideName = options.name(of: .registryMemory)
    let origin = options.origin(of: .memory)
    mayChange = options.configurationPath != nil && (origin.isFile || origin == .standard)
  }
}

/// How much memory the server gives to chunks and all that comes with them, and why that much.
package struct MemoryBudget: Equatable, Sendable {
  package let bytes: Int
  /// For the log: one line without its end.
  package let reason: String
  /// A budget that was asked for may fit the limit and still leave too little beside it; then this says so.
  package let warning: String?

  /// A budget that is worked out leaves room for the registry.
  package static func resolve(
    _ wish: MemoryWish, files: SystemFiles = SystemFiles()
  ) throws(OptionFailure) -> MemoryBudget {
    let budget = try whole(wish, files: files)
    let besideBytes = wish.besideBytes
    guard wish.bytes == nil, besideBytes > 0 else { return budget }
    guard budget.bytes - besideBytes >= Limits.budgetBytesMin else {
      throw OptionFailure(
        message: "\(wish.besideName) \(ByteSize.text(besideBytes)) leaves too little of the"
          + " \(ByteSize.text(budget.bytes)) that this server may use; say less, or raise the limit",
        exitCode: ExitCode.flag)
    }
    return MemoryBudget(
      bytes: budget.bytes - besideBytes, reason: "\(budget.reason), less the registry's \(ByteSize.text(besideBytes))",
      warning: budget.warning)
  }

  private static func whole(_ wish: MemoryWish, files: SystemFiles) throws(OptionFailure) -> MemoryBudget {
    let (machine, limit) = limits(files)
    if let wanted = wish.bytes { return try asked(wanted, by: wish.name, ceiling: limit ?? machine?.total) }
    if let limit { return try within(limit) }
    guard let machine else {
      throw OptionFailure(
        message: "cannot read from /proc/meminfo how much memory there is; say it, for example: --memory 4GiB",
        exitCode: ExitCode.machine)
    }
    return try half(of: machine.available)
  }

  /// The same for a server that runs and cannot refuse to start: a size that was asked for stays, unless the limit is less
  /// than that now. Then the limit counts, as if nothing had been asked for, until it is raised again.
  package static func revised(_ wish: MemoryWish, files: SystemFiles) throws(OptionFailure) -> MemoryBudget {
    guard let wanted = wish.bytes else { return try resolve(wish, files: files) }
    let (machine, limit) = limits(files)
    guard let ceiling = limit ?? machine?.total, ceiling.bytes < wanted else {
      let asked = try asked(wanted, by: wish.name, ceiling: limit ?? machine?.total)
      return MemoryBudget(bytes: wanted, reason: "fixed by \(wish.name)", warning: asked.warning)
    }
    let least = try within(ceiling)
    return MemoryBudget(
      bytes: least.bytes, reason: least.reason,
      warning: "\(wish.name) \(ByteSize.text(wanted)) is more than \(ceiling.text) now")
  }

  /// The most that a budget may become while the server runs: what was asked for once and for all, else all of the
  /// machine.
  package static func reach(of budget: MemoryBudget, _ wish: MemoryWish, files: SystemFiles) -> Int {
    guard wish.bytes == nil || wish.mayChange else { return budget.bytes }
    return max(budget.bytes, MemoryLimit.ofMachine(files)?.total.bytes ?? budget.bytes)
  }

  private static func limits(
    _ files: SystemFiles
  ) -> (machine: (total: MemoryLimit, available: Int)?, limit: MemoryLimit?) {
    let machine = MemoryLimit.ofMachine(files)
    // A limit beyond the machine limits nothing.
    let limit = MemoryLimit.ofCgroups(files).flatMap { $0.bytes < machine?.total.bytes ?? Int.max ? $0 : nil }
    return (machine, limit)
  }

  /// What a limit must leave for everything that is not in the budget.
  static func reserve(of limitBytes: Int) -> Int {
    max(Limits.reserveBytesMin, Int(UInt128(limitBytes) * UInt128(Limits.reservePercent) / 100))
  }

  private static func asked(_ wanted: Int, by name: String, ceiling: MemoryLimit?) throws(OptionFailure) -> MemoryBudget
  {
    let wantedText = ByteSize.text(wanted)
    guard wanted >= Limits.budgetBytesMin else {
      throw OptionFailure(
        message: "\(name) \(wantedText) is less than the \(ByteSize.text(Limits.budgetBytesMin)) that the server"
          + " needs at least; for example: --memory 4GiB",
        exitCode: ExitCode.flag)
    }
    guard let ceiling else { return MemoryBudget(bytes: wanted, reason: "asked for", warning: nil) }
    let advised = ceiling.bytes - reserve(of: ceiling.bytes)
    guard wanted <= ceiling.bytes else {
      let advice =
        advised < Limits.budgetBytesMin
        ? "raise the limit"
        : "say at most \(ByteSize.text(advised)), or leave \(Flag.memory.name) and \(Flag.memory.variable) out"
      throw OptionFailure(
        message: "\(name) \(wantedText) is more than \(ceiling.text); \(advice)", exitCode: ExitCode.flag)
    }
    let warning =
      wanted > advised
      ? "\(wantedText) of \(ceiling.text) leaves less than \(ByteSize.text(reserve(of: ceiling.bytes)))"
        + " beside the budget: the kernel may end the process" : nil
    return MemoryBudget(bytes: wanted, reason: "asked for", warning: warning)
  }

  private static func within(_ limit: MemoryLimit) throws(OptionFailure) -> MemoryBudget {
    let reserve = reserve(of: limit.bytes)
    guard limit.bytes - reserve >= Limits.budgetBytesMin else {
      throw OptionFailure(
        message: "\(limit.text) leaves no memory for chunks: raise it to"
          + " \(ByteSize.text(Limits.limitBytesAdvised)) or more, or say how much to use, for example:"
          + " --memory \(ByteSize.text(Limits.budgetBytesMin))",
        exitCode: ExitCode.machine)
    }
    return MemoryBudget(
      bytes: limit.bytes - reserve, reason: "\(limit.text) less \(ByteSize.text(reserve))", warning: nil)
  }

  private static func half(of available: Int) throws(OptionFailure) -> MemoryBudget {
    let bytes = available / 100 * Limits.unlimitedPercent
    guard bytes >= Limits.budgetBytesMin else {
      throw OptionFailure(
        message: "only \(ByteSize.text(available)) of memory are free, which leaves none for chunks;"
          + " free some or say how much to use, for example: --memory \(ByteSize.text(Limits.budgetBytesMin))",
        exitCode: ExitCode.machine)
    }
    return MemoryBudget(
      bytes: bytes,
      reason: "no memory limit, so \(Limits.unlimitedPercent) % of the \(ByteSize.text(available)) that are free",
      warning: nil)
  }
}

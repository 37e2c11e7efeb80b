import Base
import Store

/// The memory budget at SIGHUP: what was asked for and the limits of this process are read again, and the store
/// follows.
/// One line of the log tells what the budget was, what it is, and why.
package struct LimitReload: Sendable {
  private let store: Store
  private let log: Log
  private let files: SystemFiles
  /// How many loops the server chose, or nil where `--loops` said how many.
  private let loopsFound: Int?

  package init(store: Store, log: Log, files: SystemFiles, loopsFound: Int?) {
    self.store = store
    self.log = log
    self.files = files
    self.loopsFound = loopsFound
  }

  /// Not for event loops: it reads files, and evicts what a smaller budget has no room for.
  package func run(_ wish: MemoryWish, now: UInt64) {
    do {
      try follow(MemoryBudget.revised(wish, files: files), now: now)
    } catch {
      let budget = ByteSize.text(store.snapshot().budgetBytes)
      log.error("memory budget stays \(budget)", ["reason": .text(error.message)])
    }
    tellLoops()
  }

  private func follow(_ revised: MemoryBudget, now: UInt64) {
    let before = store.snapshot().budgetBytes
    if let warning = revised.warning { log.warning("\(warning)") }
    guard revised.bytes != before else {
      return log.info("memory budget stays \(ByteSize.text(before))", ["reason": .text(revised.reason)])
    }
    store.resize(budgetBytes: revised.bytes, now: now)
    let books = store.snapshot(now: now)
    var reason = revised.reason
    if books.budgetBytes > revised.bytes { reason += "; tables that do not shrink need more than that" }
    if books.budgetBytes < revised.bytes {
      reason += "; the addresses that the system gave at the start reach no further"
    }
    if books.usedBytes > books.budgetBytes {
      reason +=
        "; \(ByteSize.text(books.usedBytes - books.budgetBytes)) beyond it are promised, read or arriving and go as that ends"
    }
    log.info(
      "memory budget \(ByteSize.text(before)) -> \(ByteSize.text(books.budgetBytes))", ["reason": .text(reason)])
  }

  /// Connections belong to their loops, so loops neither come nor go.
  private func tellLoops() {
    guard let loopsFound else { return }
    let allowed = CPUQuota.loops(files: files)
    guard allowed != loopsFound else { return }
    log.info(
      "loops stay \(loopsFound)",
      ["reason": .text("\(allowed) would fit the CPUs that are allowed now; a restart changes them")])
  }
}

extension LimitReload: Reloadable {
  package var flags: [Flag] { [.memory] }

  /// Limits that leave nothing are the machine's affair, and stop no other part.
  package func prepare(_ options: ServerOptions) throws(OptionFailure) -> ReloadStep {
    let (reload, wish) = (self, MemoryWish(options))
    return { now in
      reload.run(wish, now: now)
      return []
    }
  }
}

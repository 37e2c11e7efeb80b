import Base
import CLinux
import Glibc

/// What the helper that populates remembers.
struct Population: Sendable {
  /// Pages before this one get no huge pages any more.
  var pagesThatStay = 0
  /// So much is to go back that it is worth breaking huge pages for.
  var mayBreakBlocks = false
}

/// Memory comes ahead of use, and what is populated goes back when records, tables or buffers need its share.
/// All of it off the ledger's lock: a step takes milliseconds.
extension Vault {
  /// One step; true when there may be another.
  func populateAhead() -> Bool {
    population.withLock { population in
      trimHeap()
      shed()
      return withdraw(&population) || renew() || populateFresh() || populateAgain()
    }
  }

  private func populateFresh() -> Bool {
    guard let step = ledger.withLock({ $0.populationStep() }) else { return false }
    let isPopulated = arena.populate(pages: step)
    ledger.withLock { isPopulated ? $0.pages.didPopulate(step) : $0.pages.stopPopulating() }
    return isPopulated
  }

  /// Gives a block that was lent new memory. Whoever still reads the old keeps it until they are done.
  private func renew() -> Bool {
    guard let block = ledger.withLock({ $0.pages.canRenew ? $0.pages.takeSpent() : nil }) else { return false }
    arena.giveBack(pages: BlockTable.pages(of: block))
    let isPopulated = arena.populate(pages: BlockTable.pages(of: block))
    // A part of it may have come.
    if !isPopulated { arena.giveBack(pages: BlockTable.pages(of: block)) }
    ledger.withLock { ledger in
      if isPopulated { return ledger.pages.didRenew(block) }
      ledger.pages.didLose(block)
      ledger.pages.stopPopulating()
    }
    if isPopulated { renewedBlocks.add() }
    return isPopulated
  }

  /// Gives pages back that hold nothing.
  private func withdraw(_ population: inout Population) -> Bool {
    let (withdrawal, end) = ledger.withLock { ledger in
      let excess = ledger.excessPages
      population.mayBreakBlocks = excess > 0 && (population.mayBreakBlocks || ledger.isWorthWithdrawing)
      let count = min(excess, Limits.populateStepPages)
      return (ledger.pages.withdraw(count, mayBreakBlocks: population.mayBreakBlocks), ledger.pages.populated)
    }
    // Or the kernel would fill the holes again when it gathers small pages into huge ones.
    if withdrawal.breaksBlocks, end > population.pagesThatStay {
      arena.stayAsItIs(pages: population.pagesThatStay..<end)
      population.pagesThatStay = end
    }
    for run in withdrawal.runs { arena.giveBack(pages: run) }
    return withdrawal.count > 0
  }

  private func populateAgain() -> Bool {
    guard let pages = ledger.withLock({ $0.returnStep }) else { return false }
    let isPopulated = arena.populate(pages: pages)
    ledger.withLock { isPopulated ? $0.pages.didReturn(pages) : $0.pages.stopPopulating() }
    return isPopulated
  }

  /// What many connections held, the allocator keeps when they go, while the books count it as free.
  private func trimHeap() {
    let isDue = ledger.withLock { ledger in
      guard ledger.untrimmedBytes >= Limits.trimBytesMin else { return false }
      ledger.untrimmedBytes = 0
      return true
    }
    if isDue { malloc_trim(0) }
  }
}

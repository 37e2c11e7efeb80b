import Base
import CLinux
import Glibc

/// What the helper that populates remembers.
struct Population: Sendable {
  /// Pages before this one get no huge pages any more.
  var pagesThatStay = 0
}

/// Memory comes ahead of use, and what is populated goes back when records, tables or buffers need its share.
/// All of it off the ledger's lock: a step takes milliseconds.
extension Vault {
  /// One step; true when there may be another.
  func populateAhead() -> Bool {
    population.withLock { population in
      trimHeap()
      shed()
      return withdraw(&population) || populateFresh() || populateAgain()
    }
  }

  private func populateFresh() -> Bool {
    guard let step = ledger.withLock({ $0.populationStep() }) else { return false }
    let isPopulated = arena.populate(pages: step)
    ledger.withLock { isPopulated ? $0.pages.didPopulate(step) : $0.pages.stopPopulating() }
    return isPopulated
  }

  /// Gives pages back that hold nothing: those never used, which lie side by side, then free ones.
  private func withdraw(_ population: inout Population) -> Bool {
    let (unused, free) = ledger.withLock { ledger in
      let count = min(ledger.excessPages, Limits.populateStepPages)
      let unused = ledger.pages.retreat(count)
      return (unused, ledger.pages.withdraw(count - unused.count))
    }
    guard !unused.isEmpty || free != nil else { return false }
    // Or the kernel would fill the holes again when it gathers small pages into huge ones.
    let end = unused.isEmpty ? ledger.withLock { $0.pages.populated } : unused.upperBound
    if end > population.pagesThatStay {
      arena.stayAsItIs(pages: population.pagesThatStay..<end)
      population.pagesThatStay = end
    }
    arena.giveBack(pages: unused)
    if let free {
      forEachRun(of: free) { arena.giveBack(pages: $0) }
      ledger.withLock { $0.pages.didWithdraw(free) }
    }
    return true
  }

  private func populateAgain() -> Bool {
    guard let chain = ledger.withLock({ $0.pages.takeWithdrawn($0.returnStep) }) else { return false }
    var isPopulated = true
    forEachRun(of: chain) { isPopulated = isPopulated && arena.populate(pages: $0) }
    ledger.withLock {
      if isPopulated { return $0.pages.didReturn(chain) }
      $0.pages.didWithdraw(chain)
      $0.pages.stopPopulating()
    }
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

  /// Neighbours of a chain that nobody else can reach, merged.
  private func forEachRun(of chain: PageChain, _ visit: (Range<Int>) -> Void) {
    var page = chain.head
    var run = Int(page)..<Int(page) + 1
    for _ in 1..<chain.count {
      page = links.next(of: page)
      if Int(page) == run.upperBound {
        run = run.lowerBound..<run.upperBound + 1
      } else {
        visit(run)
        run = Int(page)..<Int(page) + 1
      }
    }
    visit(run)
  }
}

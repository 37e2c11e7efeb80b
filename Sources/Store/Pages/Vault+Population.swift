import Base
import CLinux
import Glibc

/// What the helper that populates remembers.
struct Population: Sendable {
  /// Pages before this one get no huge pages any more.
  var pagesThatStay = 0
  /// So much is to go back that it is worth breaking huge pages for.
  var mayBreakBlocks = false
  var room = SystemRoom()
  /// A test plays a system that has no memory to give.
  var isRefused = false
}

/// Memory comes ahead of use, and what is populated goes back when records, tables or buffers need its share.
/// All of it off the ledger's lock: a step takes milliseconds.
extension Vault {
  /// One step; true when there may be another.
  func populateAhead() -> Bool {
    population.withLock { population in
      trimHeap()
      shed()
      lookIfWanted(&population)
      // What is absent comes before what is new: single pages at the end would take the room of a whole block.
      return giveWay(&population) || withdraw(&population) || renew(&population) || populateAgain(&population)
        || populateFresh(&population)
    }
  }

  private func populate(_ pages: Range<Int>, _ population: Population) -> Bool {
    if PlantedFaults.arePossible, population.isRefused { return false }
    return arena.populate(pages: pages)
  }

  private func populateFresh(_ population: inout Population) -> Bool {
    guard let step = ledger.withLock({ $0.populationStep() }), hasRoom(for: step, &population) else { return false }
    let isPopulated = populate(step, population)
    // A part of it may have come.
    if !isPopulated { arena.giveBack(pages: step) }
    ledger.withLock { isPopulated ? $0.pages.didPopulate(step) : $0.pages.pausePopulation() }
    return isPopulated
  }

  /// Where the system has too little left, what is populated has to do until it has more.
  private func hasRoom(for pages: Range<Int>, _ population: inout Population) -> Bool {
    let hasRoom = takeRoom(pages.count * Limits.pageBytes, &population)
    if !hasRoom { ledger.withLock { $0.pages.isOutOfRoom = true } }
    return hasRoom
  }

  /// Gives a block that was lent new memory. Readers of the old keep it until they are done.
  private func renew(_ population: inout Population) -> Bool {
    guard let block = ledger.withLock({ $0.pages.canRenew ? $0.pages.takeStale() : nil }) else { return false }
    arena.giveBack(pages: BlockTable.pages(of: block))
    population.room.noteGivenBack()
    guard takeRoom(Limits.blockBytes, &population) else {
      ledger.withLock { $0.pages.didLose(block) }
      unrenewedBlocks.add()
      return true
    }
    guard populate(BlockTable.pages(of: block), population) else {
      lose(block)
      return false
    }
    ledger.withLock { $0.pages.didRenew(block) }
    renewedBlocks.add()
    if !headroom.spend(Limits.blockBytes) { look(&population) }
    return true
  }

  /// The system has no memory for it. It may have what is behind the other stale blocks as well: they come again as its
  /// memory does, and no body waits for one refusal after the other.
  private func lose(_ block: BlockID) {
    // A part of it may have come.
    arena.giveBack(pages: BlockTable.pages(of: block))
    let withdrawal = ledger.withLock { ledger in
      ledger.pages.didLose(block)
      ledger.pages.pausePopulation()
      return ledger.pages.withdraw(ledger.pages.staleCount, mayBreakBlocks: false)
    }
    for run in withdrawal.runs { arena.giveBack(pages: run) }
  }

  /// Gives pages back that hold nothing.
  private func withdraw(_ population: inout Population) -> Bool {
    let count = ledger.withLock { ledger in
      let excess = ledger.excessPages
      population.mayBreakBlocks = excess > 0 && (population.mayBreakBlocks || ledger.isWorthWithdrawing)
      return min(excess, Limits.populateStepPages)
    }
    return withdraw(count, mayBreakBlocks: population.mayBreakBlocks, &population) > 0
  }

  /// How many pages it became.
  func withdraw(_ count: Int, mayBreakBlocks: Bool, _ population: inout Population) -> Int {
    let (withdrawal, end) = ledger.withLock { ledger in
      (ledger.pages.withdraw(count, mayBreakBlocks: mayBreakBlocks), ledger.pages.populated)
    }
    // Or the kernel would fill the holes again when it gathers small pages into huge ones.
    if withdrawal.breaksBlocks, end > population.pagesThatStay {
      arena.stayAsItIs(pages: population.pagesThatStay..<end)
      population.pagesThatStay = end
    }
    for run in withdrawal.runs { arena.giveBack(pages: run) }
    if withdrawal.count > 0 { population.room.noteGivenBack() }
    return withdrawal.count
  }

  private func populateAgain(_ population: inout Population) -> Bool {
    guard let pages = ledger.withLock({ $0.returnStep }), hasRoom(for: pages, &population) else { return false }
    let isPopulated = populate(pages, population)
    ledger.withLock { isPopulated ? $0.pages.didReturn(pages) : $0.pages.pausePopulation() }
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

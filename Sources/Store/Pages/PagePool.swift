import Base

/// Which pages are free. They are kept by blocks of the size of a huge page: large values get whole blocks, small ones and
/// tails the pages of blocks that are broken already, so that blocks stay whole and are whole again.
struct PagePool: Sendable {
  static let none = PageID.max

  let links: PageLinks
  let marks: BlockMarks
  let blocks: BlockTable
  /// Blocks whose pages are all free.
  private(set) var whole: BlockList
  /// Blocks of which some pages are free.
  private(set) var broken: BlockList
  /// Blocks that were lent and hold nothing any more. Those who read them still must not see them change: they get new memory
  /// before they are used again.
  private(set) var stale: BlockList
  /// Blocks with absent pages.
  private(set) var absent: BlockList

  private var capacity: Int
  /// Pages from here on were never backed by memory.
  private(set) var populated = 0
  private(set) var inUse = 0
  private(set) var freeCount = 0
  private(set) var staleCount = 0
  private(set) var absentCount = 0
  /// False for a while once the system refused memory: it is asked for no more.
  private var mayReturn = true
  /// The system has too little left for more pages. Blocks that were lent are still renewed, as far as what they give back
  /// makes room.
  var isOutOfRoom = false
  /// A planted bug: what was lent is used again as it is.
  var reusesLent = false

  init(links: PageLinks, marks: BlockMarks, blocks: BlockTable, capacity: Int) {
    self.links = links
    self.marks = marks
    self.blocks = blocks
    self.capacity = capacity
    whole = BlockList(links: blocks.readyLinks)
    broken = BlockList(links: blocks.readyLinks)
    stale = BlockList(links: blocks.readyLinks)
    absent = BlockList(links: blocks.absentLinks)
  }

  var hasReadyPage: Bool { freeCount > 0 }
  var hasStaleBlock: Bool { stale.first != nil }

  // MARK: Taking and giving back

  mutating func takePage() -> PageID? {
    guard let block = broken.first ?? whole.first else { return nil }
    let free = blocks[block].free
    let page = BlockTable.firstPage(of: block) + PageID(free.trailingZeroBitCount)
    setFree(block, free & (free - 1))
    inUse += 1
    return page
  }

  /// A block for one value alone.
  mutating func takeBlock() -> BlockID? {
    guard let block = whole.first else { return nil }
    setFree(block, 0)
    inUse += Limits.pagesPerBlock
    marks.markWhole(block)
    return block
  }

  mutating func release(_ page: PageID) {
    let (block, bit) = (BlockTable.block(of: page), BlockTable.bit(of: page))
    precondition(inUse > 0 && (blocks[block].free | blocks[block].absent) & bit == 0, "pages come back once")
    inUse -= 1
    setFree(block, blocks[block].free | bit)
  }

  /// All pages of a value that nothing can reach any more.
  mutating func release(head: PageID, count: Int) {
    var (page, left) = (head, count)
    while left > 0 {
      let block = BlockTable.block(of: page)
      if marks.isWhole(block) {
        let last = page + PageID(Limits.pagesPerBlock - 1)
        page = links.next(of: last)
        left -= Limits.pagesPerBlock
        release(whole: block)
      } else {
        let next = links.next(of: page)
        release(page)
        (page, left) = (next, left - 1)
      }
    }
  }

  private mutating func release(whole block: BlockID) {
    precondition(
      inUse >= Limits.pagesPerBlock && blocks[block].free | blocks[block].absent == 0, "blocks come back once")
    let isStale = marks.isLent(block) && !(PlantedFaults.arePossible && reusesLent)
    marks.clear(block)
    inUse -= Limits.pagesPerBlock
    guard isStale else { return setFree(block, BlockTable.allPages) }
    stale.insert(block)
    staleCount += Limits.pagesPerBlock
  }

  /// The one place where a block moves between the lists of those with free pages.
  private mutating func setFree(_ block: BlockID, _ free: UInt32) {
    let before = blocks[block].free
    freeCount += free.nonzeroBitCount - before.nonzeroBitCount
    blocks[block].free = free
    let (was, becomes) = (Standing(before), Standing(free))
    guard was != becomes else { return }
    switch was {
    case .whole: whole.remove(block)
    case .broken: broken.remove(block)
    case .taken: break
    }
    switch becomes {
    case .whole: whole.insert(block)
    case .broken: broken.insert(block)
    case .taken: break
    }
  }

  private enum Standing {
    case taken, broken, whole

    init(_ free: UInt32) {
      self = free == 0 ? .taken : free == BlockTable.allPages ? .whole : .broken
    }
  }
}

// MARK: - The memory behind pages

extension PagePool {
  /// The next pages to populate, never past what the budget leaves.
  func populationStep(pagesMax: Int) -> Range<Int>? {
    let end = min(populated + min(Limits.populateStepPages, pagesMax - resident), capacity)
    guard mayReturn, !isOutOfRoom, populated < end, readyBytes < Limits.populateAheadBytes else { return nil }
    return populated..<end
  }

  /// As many pages as another budget has room for. What the system refused once is asked for again.
  mutating func resize(capacity: Int) {
    self.capacity = capacity
    mayReturn = true
  }

  /// The system refused memory: for a while, what is populated has to do.
  mutating func pausePopulation() { mayReturn = false }

  /// It may be asked again: what the system is short of may come back.
  mutating func resumePopulation() { mayReturn = true }

  /// For the helper.
  var canRenew: Bool { mayReturn && stale.first != nil }
  /// For who waits: a block is whole soon, be it in the helper's hands already.
  var isRenewing: Bool { mayReturn && staleCount > 0 }

  /// Pages that are backed by memory, used or not.
  var resident: Int { populated - absentCount }
  /// Those of them that hold nothing.
  var idle: Int { freeCount + staleCount }
  /// How much is ready to be used.
  var readyBytes: Int { freeCount * Limits.pageBytes }

  mutating func didPopulate(_ pages: Range<Int>) {
    precondition(pages.lowerBound == populated, "one populates at a time")
    populated = pages.upperBound
    forEachBlock(of: pages) { pool, block, bits in pool.setFree(block, pool.blocks[block].free | bits) }
  }

  /// A block out of all lists, to be given new memory.
  mutating func takeStale() -> BlockID? {
    guard let block = stale.first else { return nil }
    stale.remove(block)
    return block
  }

  mutating func didRenew(_ block: BlockID) {
    staleCount -= Limits.pagesPerBlock
    setFree(block, BlockTable.allPages)
  }

  /// Takes about so many pages out of reach, whole blocks before single pages: their memory is to go back. No more than
  /// so many unless it may break blocks: the rest of a block comes back only when there is room for all of it.
  mutating func withdraw(_ count: Int, mayBreakBlocks: Bool) -> Withdrawal {
    var withdrawal = Withdrawal()
    let least = mayBreakBlocks ? 1 : Limits.pagesPerBlock
    while count - withdrawal.count >= least {
      if let block = takeStale() {
        staleCount -= Limits.pagesPerBlock
        setAbsent(block, BlockTable.allPages)
        withdrawal.append(BlockTable.pages(of: block))
      } else if let block = whole.first {
        setFree(block, 0)
        setAbsent(block, BlockTable.allPages)
        withdrawal.append(BlockTable.pages(of: block))
      } else if mayBreakBlocks, let block = broken.first {
        let run = Self.firstRun(of: blocks[block].free, in: block, max: count - withdrawal.count)
        setFree(block, blocks[block].free & ~BlockTable.bits(of: run))
        setAbsent(block, blocks[block].absent | BlockTable.bits(of: run))
        withdrawal.append(run)
        withdrawal.breaksBlocks = true
      } else {
        break
      }
    }
    return withdrawal
  }

  /// A stale block that stays without memory for now.
  mutating func didLose(_ block: BlockID) {
    staleCount -= Limits.pagesPerBlock
    setAbsent(block, BlockTable.allPages)
  }

  /// Absent pages that may have memory again: a whole block, or a part of a broken one.
  func returnStep(pagesMax: Int) -> Range<Int>? {
    guard mayReturn, !isOutOfRoom, readyBytes < Limits.populateAheadBytes else { return nil }
    let room = pagesMax - resident
    guard room > 0 else { return nil }
    // A part of a block that is absent whole would be small pages for good: then a broken one, if it is near.
    var (candidate, looks) = (absent.first, 0)
    while let block = candidate, looks < Limits.absentLooksMax {
      let pages = blocks[block].absent
      if pages != BlockTable.allPages || room >= Limits.pagesPerBlock {
        return Self.firstRun(of: pages, in: block, max: room)
      }
      (candidate, looks) = (absent.next(of: block), looks + 1)
    }
    return nil
  }

  mutating func didReturn(_ pages: Range<Int>) {
    forEachBlock(of: pages) { pool, block, bits in
      pool.setAbsent(block, pool.blocks[block].absent & ~bits)
      pool.setFree(block, pool.blocks[block].free | bits)
    }
  }

  private mutating func setAbsent(_ block: BlockID, _ pages: UInt32) {
    let before = blocks[block].absent
    absentCount += pages.nonzeroBitCount - before.nonzeroBitCount
    blocks[block].absent = pages
    if before == 0, pages != 0 { absent.insert(block) }
    if before != 0, pages == 0 { absent.remove(block) }
  }

  private static func firstRun(of pages: UInt32, in block: BlockID, max: Int) -> Range<Int> {
    let start = pages.trailingZeroBitCount
    let count = min((~(pages >> UInt32(start))).trailingZeroBitCount, Limits.pagesPerBlock - start, max)
    let first = Int(BlockTable.firstPage(of: block)) + start
    return first..<first + count
  }

  private mutating func forEachBlock(of pages: Range<Int>, _ visit: (inout PagePool, BlockID, UInt32) -> Void) {
    var start = pages.lowerBound
    while start < pages.upperBound {
      let block = BlockTable.block(of: PageID(start))
      let end = min(BlockTable.pages(of: block).upperBound, pages.upperBound)
      visit(&self, block, BlockTable.bits(of: start..<end))
      start = end
    }
  }
}

/// Pages out of reach whose memory is to go back.
struct Withdrawal {
  private(set) var runs: [Range<Int>] = []
  private(set) var count = 0
  /// Some are parts of huge pages.
  var breaksBlocks = false

  mutating func append(_ pages: Range<Int>) {
    count += pages.count
    if let last = runs.last, last.upperBound == pages.lowerBound {
      runs[runs.count - 1] = last.lowerBound..<pages.upperBound
    } else {
      runs.append(pages)
    }
  }
}

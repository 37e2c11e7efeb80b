import Base

/// Which pages are free, and in which order a value's pages follow each other.
/// The free list is a chain like any value, so that giving a chain back is one splice that keeps its order:
/// runs that lay side by side are handed out side by side again.
struct PagePool: Sendable {
  static let none = PageID.max

  let links: PageLinks
  private var capacity: Int
  private(set) var freeHead = PagePool.none
  private(set) var freeCount = 0
  /// Pages from here on have never been used.
  private(set) var frontier = 0
  /// Pages from here on are not backed by memory.
  private(set) var populated = 0
  private(set) var inUse = 0
  /// Pages whose memory went back to the system: a chain of its own, to be populated again before anybody uses them.
  private(set) var withdrawnHead = PagePool.none
  private(set) var withdrawnCount = 0
  private var mayReturn = true

  init(links: PageLinks, capacity: Int) {
    self.links = links
    self.capacity = capacity
  }

  var hasReadyPage: Bool { freeCount > 0 || frontier < populated }

  /// Pages that are backed by memory, used or not.
  var resident: Int { populated - withdrawnCount }
  /// Those of them that hold nothing.
  var idle: Int { freeCount + populated - frontier }

  /// How much never used, populated memory lies ahead.
  var aheadBytes: Int { (populated - frontier) * Limits.pageBytes }

  mutating func take() -> PageID? {
    guard hasReadyPage else { return nil }
    inUse += 1
    guard freeCount > 0 else {
      frontier += 1
      return PageID(frontier - 1)
    }
    let page = freeHead
    freeHead = links.next(of: page)
    freeCount -= 1
    return page
  }

  mutating func release(head: PageID, tail: PageID, count: Int) {
    precondition(count > 0 && inUse >= count, "pages come back once")
    links.setNext(of: tail, to: freeHead)
    freeHead = head
    freeCount += count
    inUse -= count
  }

  /// The next pages to populate, never past what the budget leaves.
  func populationStep(pagesMax: Int) -> Range<Int>? {
    // Somebody waits for the next page: it comes soonest in a small step.
    let step = hasReadyPage ? Limits.populateStepPages : Limits.populateHastyPages
    let end = min(populated + min(step, pagesMax - resident), capacity)
    guard populated < end, aheadBytes < Limits.populateAheadBytes else { return nil }
    return populated..<end
  }

  mutating func didPopulate(_ pages: Range<Int>) {
    precondition(pages.lowerBound == populated, "one populates at a time")
    populated = pages.upperBound
  }

  /// As many pages as another budget has room for. What the system refused once is asked for again.
  mutating func resize(capacity: Int) {
    self.capacity = capacity
    mayReturn = true
  }

  /// The system has no memory for more: what is populated has to do.
  mutating func stopPopulating() {
    capacity = populated
    mayReturn = false
  }
}

/// Pages that follow each other by their links.
struct PageChain: Sendable {
  var head: PageID
  var tail: PageID
  var count: Int
}

// MARK: - Giving memory back

extension PagePool {
  /// Takes up to `count` populated pages that were never used out of reach.
  mutating func retreat(_ count: Int) -> Range<Int> {
    let end = populated
    populated = max(frontier, end - count)
    return populated..<end
  }

  /// Takes up to `count` free pages out of reach.
  mutating func withdraw(_ count: Int) -> PageChain? {
    let chain = cut(min(count, freeCount), from: freeHead)
    guard let chain else { return nil }
    freeHead = links.next(of: chain.tail)
    freeCount -= chain.count
    withdrawnCount += chain.count
    return chain
  }

  /// Their memory is gone.
  mutating func didWithdraw(_ chain: PageChain) {
    links.setNext(of: chain.tail, to: withdrawnHead)
    withdrawnHead = chain.head
  }

  /// How many withdrawn pages may have memory again, and are wanted.
  func returnStep(pagesMax: Int) -> Int {
    guard mayReturn, idle * Limits.pageBytes < Limits.populateAheadBytes else { return 0 }
    return max(0, min(Limits.populateStepPages, min(withdrawnCount, pagesMax - resident)))
  }

  /// Takes withdrawn pages, which stay out of reach until `didReturn`.
  mutating func takeWithdrawn(_ count: Int) -> PageChain? {
    let chain = cut(count, from: withdrawnHead)
    if let chain { withdrawnHead = links.next(of: chain.tail) }
    return chain
  }

  mutating func didReturn(_ chain: PageChain) {
    links.setNext(of: chain.tail, to: freeHead)
    freeHead = chain.head
    freeCount += chain.count
    withdrawnCount -= chain.count
  }

  private func cut(_ count: Int, from head: PageID) -> PageChain? {
    guard count > 0, head != PagePool.none else { return nil }
    var chain = PageChain(head: head, tail: head, count: 1)
    while chain.count < count {
      chain.tail = links.next(of: chain.tail)
      chain.count += 1
    }
    return chain
  }
}

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

  init(links: PageLinks, capacity: Int) {
    self.links = links
    self.capacity = capacity
  }

  var hasReadyPage: Bool { freeCount > 0 || frontier < populated }

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
    let end = min(populated + Limits.populateStepBytes / Limits.pageBytes, min(capacity, pagesMax))
    guard populated < end, aheadBytes < Limits.populateAheadBytes else { return nil }
    return populated..<end
  }

  mutating func didPopulate(_ pages: Range<Int>) {
    precondition(pages.lowerBound == populated, "one populates at a time")
    populated = pages.upperBound
  }

  /// The system has no memory for more: what is populated has to do.
  mutating func stopPopulating() { capacity = populated }
}

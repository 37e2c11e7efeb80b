import Base

/// A run of units inside one shared page: a small value, or the tail of a large one.
struct Fragment: Equatable, Sendable {
  var page: PageID
  var unit: UInt8
  var units: UInt8

  var mask: UInt16 { UInt16(truncatingIfNeeded: ((UInt32(1) << UInt32(units)) - 1) << UInt32(unit)) }
}

/// Pages shared by fragments. A page sits in the list of its longest free run, so that a fitting page is found
/// by looking at fifteen list heads.
struct FragmentPool: @unchecked Sendable {
  private struct SharedPage {
    var next: PageID
    var previous: PageID
    var occupied: UInt16
  }

  private static let unitsPerPage = Limits.pageBytes / Limits.unitBytes
  private let mapping: Mapping
  private let shared: UnsafeMutablePointer<SharedPage>
  /// List heads by longest free run; 0 (full) and 16 (empty) have no list.
  private var heads = InlineArray<16, PageID>(repeating: PagePool.none)

  init(pageCount: Int) throws(StoreFailure) {
    precondition(Self.unitsPerPage == UInt16.bitWidth, "a mask bit a unit")
    mapping = try Mapping(byteCount: Self.bytes(pageCount: pageCount))
    shared = mapping.base.bindMemory(to: SharedPage.self, capacity: pageCount)
  }

  static func bytes(pageCount: Int) -> Int { pageCount * MemoryLayout<SharedPage>.stride }

  func occupied(_ page: PageID) -> UInt16 { shared[Int(page)].occupied }

  /// Room in a page that is shared already, or nil.
  mutating func take(units: Int) -> Fragment? {
    for run in units..<Self.unitsPerPage where heads[run] != PagePool.none {
      return carve(units: units, from: heads[run])
    }
    return nil
  }

  /// Room in a page that becomes shared with this.
  mutating func take(units: Int, from page: PageID) -> Fragment {
    shared[Int(page)] = SharedPage(next: PagePool.none, previous: PagePool.none, occupied: 0)
    let fragment = Fragment(page: page, unit: 0, units: UInt8(units))
    shared[Int(page)].occupied = fragment.mask
    link(page)
    return fragment
  }

  /// True when the page holds nothing any more and goes back to the pool of pages.
  mutating func release(_ fragment: Fragment) -> Bool {
    let index = Int(fragment.page)
    precondition(shared[index].occupied & fragment.mask == fragment.mask, "units come back once")
    unlink(fragment.page)
    shared[index].occupied &= ~fragment.mask
    guard shared[index].occupied != 0 else { return true }
    link(fragment.page)
    return false
  }

  private mutating func carve(units: Int, from page: PageID) -> Fragment {
    let unit = Self.tightestRun(in: shared[Int(page)].occupied, units: units)
    let fragment = Fragment(page: page, unit: UInt8(unit), units: UInt8(units))
    unlink(page)
    shared[Int(page)].occupied |= fragment.mask
    link(page)
    return fragment
  }

  private mutating func link(_ page: PageID) {
    let run = Self.longestRun(in: shared[Int(page)].occupied)
    guard run > 0 else { return }
    let head = heads[run]
    shared[Int(page)].next = head
    shared[Int(page)].previous = PagePool.none
    if head != PagePool.none { shared[Int(head)].previous = page }
    heads[run] = page
  }

  private mutating func unlink(_ page: PageID) {
    let run = Self.longestRun(in: shared[Int(page)].occupied)
    guard run > 0 else { return }
    let (next, previous) = (shared[Int(page)].next, shared[Int(page)].previous)
    if next != PagePool.none { shared[Int(next)].previous = previous }
    if previous != PagePool.none { shared[Int(previous)].next = next } else { heads[run] = next }
  }

  static func longestRun(in occupied: UInt16) -> Int {
    // Every AND with itself shifted shortens each run of free units by one.
    var free = ~occupied
    var run = 0
    while free != 0 {
      free &= free << 1
      run += 1
    }
    return run
  }

  /// Where the shortest free run that suffices begins.
  static func tightestRun(in occupied: UInt16, units: Int) -> Int {
    var best = (start: 0, length: Int.max)
    var start = 0
    while start < unitsPerPage {
      let length = min((occupied >> UInt16(start)).trailingZeroBitCount, unitsPerPage - start)
      if length >= units, length < best.length { best = (start, length) }
      start += max(length, 1)
    }
    precondition(best.length != Int.max, "the list promised a run")
    return best.start
  }
}

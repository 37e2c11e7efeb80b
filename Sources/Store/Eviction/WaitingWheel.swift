import Base

/// Entries whose turn to go had come when they could not go: promised, read, just stored, or not on a device yet. They wait
/// out of the order, in rows by the time at which to look at them again, so that eviction never meets one twice for nothing.
/// Under the ledger's lock.
struct WaitingWheel: @unchecked Sendable {
  /// A row is for so long.
  static let bucketNanoseconds: UInt64 = 250_000_000

  private let parts: LedgerParts
  private let rows: UnsafeMutablePointer<EntryList>
  private let rowCount: Int
  private let place: @Sendable (_ row: Int) -> PlaceByte
  /// The row that is looked at next, as a number that only grows.
  private var next: UInt64 = 0
  private(set) var count = 0

  init(_ parts: LedgerParts, rows rowCount: Int, place: @escaping @Sendable (_ row: Int) -> PlaceByte) {
    self.parts = parts
    self.rowCount = rowCount
    self.place = place
    rows = .allocate(capacity: rowCount)
    rows.initialize(repeating: EntryList(), count: rowCount)
  }

  func deallocate() { rows.deallocate() }

  /// Takes an entry in that is in no list, until `time` or as far ahead as the wheel reaches.
  mutating func add(_ id: EntryID, until time: UInt64, now: UInt64) {
    catchUp(now)
    let row = min(max(time / Self.bucketNanoseconds + 1, next + 1), next + UInt64(rowCount) - 1)
    let index = Int(row % UInt64(rowCount))
    rows[index].append(id, in: parts)
    parts[id].pointee.place = place(index)
    count += 1
  }

  mutating func remove(_ id: EntryID, from index: Int) {
    rows[index].remove(id, in: parts)
    parts[id].pointee.place = .none
    count -= 1
  }

  /// One whose time has come.
  mutating func due(now: UInt64) -> EntryID? {
    guard count > 0 else { return nil }
    catchUp(now)
    guard next <= now / Self.bucketNanoseconds else { return nil }
    let id = rows[Int(next % UInt64(rowCount))].oldest
    return id == 0 ? nil : id
  }

  /// The one whose time comes first.
  func first() -> EntryID? {
    guard count > 0 else { return nil }
    for step in 0..<UInt64(rowCount) {
      let id = rows[Int((next + step) % UInt64(rowCount))].oldest
      if id != 0 { return id }
    }
    return nil
  }

  /// Goes on to the first row that holds something, or to the present.
  private mutating func catchUp(_ now: UInt64) {
    let present = now / Self.bucketNanoseconds
    guard next < present else { return }
    if count == 0 {
      next = present
      return
    }
    // A leap beyond the whole wheel finds every row due, whichever comes first.
    if next + UInt64(rowCount) <= present { next = present - UInt64(rowCount) + 1 }
    var steps = 0
    while next < present, steps < rowCount, rows[Int(next % UInt64(rowCount))].oldest == 0 {
      next += 1
      steps += 1
    }
  }

  /// For checks.
  func forEach(_ visit: (EntryID) -> Void) {
    for index in 0..<rowCount { rows[index].forEachOldestFirst(in: parts, visit) }
  }
}

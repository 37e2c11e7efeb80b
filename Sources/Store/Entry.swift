import Base

/// An entry's place in the table. 0 is nobody.
typealias EntryID = UInt32

/// An entry at one stage of its life: a record that was used again is somebody else.
struct EntryRef: Equatable, Sendable {
  static let none = EntryRef(id: 0, generation: 0)
  var id: EntryID
  var generation: UInt32
}

enum EntryState: UInt8 {
  case free
  /// A body arrives; only its reservation knows of it.
  case receiving
  /// In the index, for everybody to find.
  case published
  /// Out of the index, kept for those who still read it.
  case dead
}

/// What is known of a value besides its bytes. Three owners share a record:
/// what is set before publishing never changes while anybody can reach it; the stripe's lock guards `pins`,
/// `leaseUntil`, `touchStamp` and `state`; the ledger's guards `generation`, the order's links and the free list.
/// What a lookup and the order need comes first, in one cache line.
struct Entry {
  // Set before publishing.
  var hash: UInt64
  var length: UInt32
  var keyLength: UInt8
  var hasMeta: Bool
  /// Evicted only when nothing else can be.
  var isKept: Bool

  // The stripe's.
  var state = EntryState.receiving
  var pins: UInt32 = 0
  /// The last second of its lease; 0 is none.
  var leaseUntil: UInt32 = 0
  var touchStamp: UInt32 = 0

  // The ledger's.
  var generation: UInt32
  var newer: EntryID = 0
  var older: EntryID = 0
  var isOrdered = false

  // Set before publishing.
  var pageCount: UInt32 = 0
  var fragment = Fragment(page: PagePool.none, unit: 0, units: 0)
  var head = PagePool.none
  var tail = PagePool.none
  var meta: ObjectMeta

  /// Arena bytes it occupies.
  var storageBytes: Int { Int(pageCount) * Limits.pageBytes + Int(fragment.units) * Limits.unitBytes }
  /// What losing it would give back.
  var footprintBytes: Int { storageBytes + Limits.recordBytes }

  func isLeased(at second: UInt32) -> Bool { leaseUntil != 0 && leaseUntil >= second }
}

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
  /// No entry: it holds what the record of one has no room for.
  case annex
}

/// In which of the ledger's lists an entry is.
enum EntryPlace: Equatable {
  case none
  /// In the eviction order.
  case ordered
  /// Out of it for a while: in a bucket of the wheel of held or of fresh entries.
  case held(Int)
  case fresh(Int)
}

/// What is known of a value besides its bytes. Three owners share a record:
/// what is set before publishing never changes while anybody can reach it; the stripe's lock guards `pins`, the promise,
/// the times of use, `touchStamp`, `state`, the deadline and the metadata; the ledger's guards `generation`, the place in
/// its lists, their links and the free list. `kind` changes under both.
/// What a lookup needs comes first, in one cache line.
struct Entry {
  // Set before publishing.
  var hash: UInt64
  /// Of metadata that waits for its bytes: how many it says there will be.
  var length: UInt32
  var keyLength: UInt16

  var kind: EntryKind

  // The stripe's.
  var state = EntryState.receiving
  var pins: UInt32 = 0
  var touchStamp: UInt32 = 0
  /// Its last touch, and when it was stored or fetched last, in tenths of a second.
  var touchedAt: UInt32 = 0
  var usedAt: UInt32 = 0
  var promise = Promise()

  // The ledger's.
  var generation: UInt32

  // The stripe's.
  var deadlineLow: UInt32 = 0
  var deadlineHigh: UInt16 = 0
  /// How many KV groups its metadata describes; 0 without metadata.
  var groups: UInt8 = 0

  // The ledger's.
  /// `EntryPlace` as a byte.
  var placeByte: UInt8 = 0
  var newer: EntryID = 0
  /// Also the next record of an annex, and of the free list.
  var older: EntryID = 0

  // Set before publishing.
  var fragment = Fragment(page: PagePool.none, unit: 0, units: 0)
  /// Evicted only when nothing else can be.
  var isKept: Bool
  /// How the name was spelled under which its bytes came.
  var style = ObjectName.Style.joined
  var pageCount: UInt32 = 0
  var head = PagePool.none
  var tail = PagePool.none

  // The stripe's.
  /// What `RecentUses` counted when it was stored or fetched last.
  var useCount: UInt32 = 0
  var meta: ObjectMeta

  // The ledger's, once it is published.
  /// The rest of a key that the record has no room for; 0 is none.
  var keyAnnex: EntryID = 0
  /// Metadata beyond its first group; 0 is none.
  var metadataAnnex: EntryID = 0

  /// Arena bytes it occupies.
  var storageBytes: Int { Int(pageCount) * Limits.pageBytes + Int(fragment.units) * Limits.unitBytes }
  /// What losing it would give back; without the annex of its metadata, which may change under a promise.
  var footprintBytes: Int {
    storageBytes + Limits.recordBytes * (1 + EntryTable.annexRecords(keyLength: Int(keyLength)))
  }

  /// Tenths of a second of the clock that `now` is from.
  static func tenths(_ nanoseconds: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: nanoseconds / 100_000_000) }
}

extension Entry {
  private static let heldBase = 2
  private static let freshBase = heldBase + Limits.heldBuckets

  /// A place as a byte, and back. Read and written as a field: an access to a whole record would be one to what other locks
  /// guard.
  static func place(_ byte: UInt8) -> EntryPlace {
    switch Int(byte) {
    case 0: .none
    case 1: .ordered
    case heldBase..<freshBase: .held(Int(byte) - heldBase)
    default: .fresh(Int(byte) - freshBase)
    }
  }

  static func byte(_ place: EntryPlace) -> UInt8 {
    switch place {
    case .none: unlistedByte
    case .ordered: orderedByte
    case .held(let row): UInt8(heldBase + row)
    case .fresh(let row): UInt8(freshBase + row)
    }
  }

  static let unlistedByte: UInt8 = 0
  static let orderedByte: UInt8 = 1
}

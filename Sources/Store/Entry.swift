import Base
import Policy

/// An entry's place in the table. 0 is none.
typealias EntryID = UInt32

/// An entry at one stage of its life: a record that was used again is another entry.
struct EntryRef: Hashable, Sendable {
  static let none = EntryRef(id: 0, generation: 0)
  var id: EntryID
  var generation: UInt32
}

enum EntryState: UInt8 {
  case free
  /// A body arrives; only its reservation knows of it.
  case receiving
  /// In the index, where it can be found.
  case published
  /// Out of the index, kept for those who still read it.
  case dead
  /// No entry: it holds what the record of one has no room for.
  case annex
}

/// What is known of a value besides its bytes: one record of memory, in parts that different locks guard.
///
/// * What is set before publishing does not change while the entry can be found or is read. It is read by number alone:
///   `entries[id]`, `entries.storage(of: id)`, `entries.marks(of: id)`.
/// * What the lock of the entry's stripe guards is reached through the stripe's table: `table[id]`.
/// * What the ledger's lock guards is reached through the ledger: `ledger[id]`.
///
/// Where its bytes lie changes under the ledger's lock, while nothing reads it. Fields are read and written one by one, through
/// pointers: parts share cache lines, and an access to a whole record would be one to what other locks guard. What a lookup
/// needs comes first, in one cache line.
struct Entry {
  var fixed: Fixed
  var stripes: StripePart
  var marks = UsageMarks()
  var storage = Storage()
  var ledgers = LedgerPart()

  struct Fixed {
    var hash: UInt64
    /// Counts the entries that the record was used for.
    var generation: UInt32 = 0
    /// Of an annotation that waits for its value: the length that it says the value will have.
    var length: UInt32
    var keyLength: UInt16
    /// The number of the quota for which it counts; 0 is none, and the highest says that it is kept and counts for none.
    var quotaByte: UInt8 = 0
    /// What the value was stored with, for others to give it a meaning.
    var tag: UInt8 = 0

    static let keptByte = UInt8.max

    /// Evicted only when nothing else can be.
    var isKept: Bool { quotaByte == Self.keptByte }
    /// 0 is none.
    var quota: UInt8 { isKept ? 0 : quotaByte }
  }

  /// Where its bytes lie.
  struct Storage {
    var head = PagePool.none
    var pageCount: UInt32 = 0
    /// The rest of a key that the record has no room for; 0 is none.
    var keyAnnex: EntryID = 0
    var fragment = Fragment(page: PagePool.none, unit: 0, units: 0)

    var bytes: Int { Int(pageCount) * Limits.pageBytes + Int(fragment.units) * Limits.unitBytes }
  }

  struct StripePart {
    var pins: UInt32 = 0
    /// Its last touch, and when it was stored or fetched last, in tenths of a second.
    var touchedAt: UInt32 = 0
    var usedAt: UInt32 = 0
    var promise = Promise()
    var deadlineLow: UInt32 = 0
    var deadlineHigh: UInt16 = 0
    /// The length of its annotation: 0 is none, 1 is `meta` alone, and each unit more is four bytes in an annex.
    var annotationUnits: UInt8 = 0
    var kind: ValueKind
    /// What `RecentUses` counted when it was stored or fetched last.
    var useCount: UInt32 = 0
    var meta = ObjectMeta.none
    /// Where the annotation goes on; 0 is none.
    var annotationAnnex: EntryID = 0
    var state = EntryState.receiving
  }

  struct LedgerPart {
    var newer: EntryID = 0
    /// Also the next record of an annex, and of the free list.
    var older: EntryID = 0
    var place = PlaceByte.none
    var storedAt = StoredAt()
    /// What the policy that learns keeps of it.
    var node = ChunkNode()
  }

  /// Tenths of a second of the clock that `now` is from.
  static func tenths(_ nanoseconds: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: nanoseconds / 100_000_000) }
}

/// In which of the ledger's lists an entry is: none, the eviction order, or, out of it for a while, a row of the wheel of
/// held, of fresh or of unwritten entries.
struct PlaceByte: Equatable, Sendable {
  static let none = PlaceByte(byte: 0)
  static let ordered = PlaceByte(byte: 1)
  private static let heldBase = 2
  private static let freshBase = heldBase + Limits.heldBuckets
  private static let unwrittenBase = freshBase + Limits.freshBuckets

  private let byte: UInt8

  private init(byte: UInt8) { self.byte = byte }

  static func held(_ row: Int) -> PlaceByte { PlaceByte(byte: UInt8(heldBase + row)) }
  static func fresh(_ row: Int) -> PlaceByte { PlaceByte(byte: UInt8(freshBase + row)) }
  static func unwritten(_ row: Int) -> PlaceByte { PlaceByte(byte: UInt8(unwrittenBase + row)) }

  var heldRow: Int? { Self.heldBase..<Self.freshBase ~= Int(byte) ? Int(byte) - Self.heldBase : nil }
  var freshRow: Int? { Self.freshBase..<Self.unwrittenBase ~= Int(byte) ? Int(byte) - Self.freshBase : nil }
  var unwrittenRow: Int? { Int(byte) >= Self.unwrittenBase ? Int(byte) - Self.unwrittenBase : nil }
}

extension Entry.StripePart {
  static let annotationUnitBytes = 4
  static let annotationBytesMax = (Int(UInt8.max) - 1) * annotationUnitBytes

  /// What of the annotation lies in its annex.
  var annotationBytes: Int { max(0, Int(annotationUnits) - 1) * Self.annotationUnitBytes }

  mutating func setAnnotation(byteCount: Int) {
    precondition(byteCount % Self.annotationUnitBytes == 0, "an annotation is of whole units")
    annotationUnits = UInt8(1 + byteCount / Self.annotationUnitBytes)
  }

  /// Whether an `lm` generation that asks for this kind may see it: its replies have room for `meta` alone.
  func isOfLM(_ wanted: ValueKind) -> Bool { kind == wanted && annotationUnits <= 1 }
}

import Base
import Glibc
import Policy

/// All records, side by side: fields first, then the key. A key that is longer than a record has room for goes on in
/// annexes: records that hold nothing but bytes and follow each other by their `older` link.
///
/// The table itself shows what is set before publishing. What locks guard is shown by `StripeParts` and `LedgerParts`, of
/// which only the index and the ledger have one, each behind its locks.
struct EntryTable: @unchecked Sendable {
  private let mapping: Mapping
  let capacity: Int
  private static let keyOffset = MemoryLayout<Entry>.size
  /// What a record, or an annex, holds.
  static let payloadBytes = Limits.recordBytes - keyOffset

  private init(mapping: Mapping) {
    self.mapping = mapping
    capacity = mapping.byteCount / Limits.recordBytes
  }

  static func make(reachBytes: Int) throws(StoreFailure) -> (EntryTable, StripeParts, LedgerParts) {
    precondition(payloadBytes >= Limits.keyBytesMax, "a record holds the longest key of lm")
    Records.checkOffsets()
    let count = min(reachBytes / Limits.recordBytes, Int(EntryID.max))
    let mapping = try Mapping(byteCount: count * Limits.recordBytes)
    return (
      EntryTable(mapping: mapping), StripeParts(records: Records(base: mapping.base)),
      LedgerParts(records: Records(base: mapping.base))
    )
  }

  private var records: Records { Records(base: mapping.base) }

  @inline(__always)
  subscript(id: EntryID) -> UnsafePointer<Entry.Fixed> {
    assert(id != 0 && Int(id) < capacity)
    return UnsafePointer(records.fixed(id))
  }

  @inline(__always)
  func storage(of id: EntryID) -> UnsafePointer<Entry.Storage> { UnsafePointer(records.storage(id)) }

  @inline(__always)
  func marks(of id: EntryID) -> UnsafePointer<UsageMarks> { UnsafePointer(records.marks(id)) }

  /// What the record and its key take.
  func recordBytes(of id: EntryID) -> Int {
    Limits.recordBytes * (1 + Self.annexRecords(keyLength: Int(self[id].pointee.keyLength)))
  }

  @inline(__always)
  private func payload(of id: EntryID) -> UnsafeMutableRawPointer { records.start(of: id) + Self.keyOffset }

  // MARK: Keys

  static func annexRecords(keyLength: Int) -> Int {
    keyLength <= payloadBytes ? 0 : annexRecords(byteCount: keyLength - payloadBytes)
  }

  static func annexRecords(byteCount: Int) -> Int { (byteCount + payloadBytes - 1) / payloadBytes }

  func setKey(of id: EntryID, to key: UnsafeRawBufferPointer) {
    let inline = min(key.count, Self.payloadBytes)
    memcpy(payload(of: id), key.baseAddress!, inline)
    fillAnnex(storage(of: id).pointee.keyAnnex, with: UnsafeRawBufferPointer(rebasing: key[inline...]))
  }

  @inline(__always)
  func hasKey(_ id: EntryID, _ key: UnsafeRawBufferPointer) -> Bool {
    guard key.count == Int(self[id].pointee.keyLength) else { return false }
    let inline = min(key.count, Self.payloadBytes)
    guard memcmp(payload(of: id), key.baseAddress!, inline) == 0 else { return false }
    return inline == key.count
      || annex(storage(of: id).pointee.keyAnnex, holds: UnsafeRawBufferPointer(rebasing: key[inline...]))
  }

  func haveSameKey(_ one: EntryID, _ other: EntryID) -> Bool {
    let length = Int(self[one].pointee.keyLength)
    guard length == Int(self[other].pointee.keyLength) else { return false }
    guard memcmp(payload(of: one), payload(of: other), min(length, Self.payloadBytes)) == 0 else { return false }
    var rest = length - Self.payloadBytes
    var (left, right) = (storage(of: one).pointee.keyAnnex, storage(of: other).pointee.keyAnnex)
    while rest > 0 {
      guard memcmp(payload(of: left), payload(of: right), min(rest, Self.payloadBytes)) == 0 else { return false }
      (left, right) = (records.nextAnnex(left), records.nextAnnex(right))
      rest -= Self.payloadBytes
    }
    return true
  }

  /// The key where it lies in one piece.
  @inline(__always)
  func shortKey(of id: EntryID) -> UnsafeRawBufferPointer? {
    let length = Int(self[id].pointee.keyLength)
    return length <= Self.payloadBytes ? UnsafeRawBufferPointer(start: payload(of: id), count: length) : nil
  }

  /// How many bytes it has.
  @discardableResult
  func copyKey(of id: EntryID, into room: UnsafeMutableRawBufferPointer) -> Int {
    let length = Int(self[id].pointee.keyLength)
    let inline = min(length, Self.payloadBytes)
    memcpy(room.baseAddress!, payload(of: id), inline)
    readAnnex(
      storage(of: id).pointee.keyAnnex, into: UnsafeMutableRawBufferPointer(rebasing: room[inline..<length]))
    return length
  }

  func key(of id: EntryID) -> [UInt8] {
    let length = Int(self[id].pointee.keyLength)
    return Array(unsafeUninitializedCapacity: length) { room, count in
      count = copyKey(of: id, into: UnsafeMutableRawBufferPointer(room))
    }
  }

  // MARK: Annexes

  func fillAnnex(_ head: EntryID, with bytes: UnsafeRawBufferPointer) {
    forEachPiece(of: head, byteCount: bytes.count) { memcpy($0, bytes.baseAddress! + $1, $2) }
  }

  func readAnnex(_ head: EntryID, into room: UnsafeMutableRawBufferPointer) {
    forEachPiece(of: head, byteCount: room.count) { memcpy(room.baseAddress! + $1, $0, $2) }
  }

  private func annex(_ head: EntryID, holds bytes: UnsafeRawBufferPointer) -> Bool {
    var isEqual = true
    forEachPiece(of: head, byteCount: bytes.count) {
      isEqual = isEqual && memcmp($0, bytes.baseAddress! + $1, $2) == 0
    }
    return isEqual
  }

  /// Shows where the pieces lie, at which offset, and their lengths.
  private func forEachPiece(of head: EntryID, byteCount: Int, _ visit: (UnsafeMutableRawPointer, Int, Int) -> Void) {
    var annex = head
    for offset in stride(from: 0, to: byteCount, by: Self.payloadBytes) {
      precondition(annex != 0, "an annex has room for what it is for")
      visit(payload(of: annex), offset, min(Self.payloadBytes, byteCount - offset))
      annex = records.nextAnnex(annex)
    }
  }
}

/// What the locks of stripes guard of all entries.
struct StripeParts: Sendable {
  fileprivate let records: Records

  @inline(__always)
  subscript(id: EntryID) -> UnsafeMutablePointer<Entry.StripePart> { records.stripes(id) }
}

/// What the ledger's lock guards of all entries.
struct LedgerParts: Sendable {
  fileprivate let records: Records

  @inline(__always)
  subscript(id: EntryID) -> UnsafeMutablePointer<Entry.LedgerPart> { records.ledgers(id) }

  @inline(__always)
  func fixed(_ id: EntryID) -> UnsafePointer<Entry.Fixed> { UnsafePointer(records.fixed(id)) }

  /// Changes while nothing reads it: when it still arrives, leaves memory or comes back.
  @inline(__always)
  func storage(of id: EntryID) -> UnsafeMutablePointer<Entry.Storage> { records.storage(id) }

  /// Of an entry that is about to be published.
  func setMarks(of id: EntryID, _ marks: UsageMarks) { records.marks(id).pointee = marks }

  /// Of an annotation that is about to be published.
  func setLength(of id: EntryID, _ length: UInt32) { records.fixed(id).pointee.length = length }

  /// Where the policy finds its part of them.
  var nodes: ChunkNodes {
    ChunkNodes(
      base: UnsafeMutableRawPointer(records.ledgers(0)) + MemoryLayout<Entry.LedgerPart>.offset(of: \.node)!,
      names: UnsafeRawPointer(records.start(of: 0)) + MemoryLayout<Entry.Fixed>.offset(of: \.hash)!,
      stride: Limits.recordBytes, ranks: KeyHash.rankBits)
  }

  // MARK: Whole records, as only the pool of free ones takes and gives them

  @inline(__always)
  func begin(_ ref: EntryRef, as entry: Entry) {
    records.start(of: ref.id).initializeMemory(as: Entry.self, to: entry)
    records.fixed(ref.id).pointee.generation = ref.generation
  }

  /// Who still knows it by its generation finds that it has gone.
  @inline(__always)
  func end(_ id: EntryID) {
    let (fixed, stripes) = (records.fixed(id), records.stripes(id))
    precondition(stripes.pointee.state != .free, "a record comes back once")
    stripes.pointee.state = .free
    fixed.pointee.generation = fixed.pointee.generation &+ 1
  }
}

/// Where records and their parts lie.
private struct Records: @unchecked Sendable {
  private static var stripesOffset: Int { 20 }
  private static var marksOffset: Int { 97 }
  private static var storageOffset: Int { 100 }
  private static var ledgersOffset: Int { 120 }

  let base: UnsafeMutableRawPointer

  static func checkOffsets() {
    let offsets = [
      MemoryLayout<Entry>.offset(of: \.stripes), MemoryLayout<Entry>.offset(of: \.marks),
      MemoryLayout<Entry>.offset(of: \.storage), MemoryLayout<Entry>.offset(of: \.ledgers),
    ]
    precondition(
      offsets == [stripesOffset, marksOffset, storageOffset, ledgersOffset], "parts lie where they are looked for")
    let lookedAtEnd = stripesOffset + MemoryLayout<Entry.StripePart>.offset(of: \.useCount)!
    precondition(lookedAtEnd <= 64, "what a lookup needs lies in one line")
  }

  @inline(__always)
  func start(of id: EntryID) -> UnsafeMutableRawPointer { base + Int(id) * Limits.recordBytes }

  @inline(__always)
  func fixed(_ id: EntryID) -> UnsafeMutablePointer<Entry.Fixed> {
    start(of: id).assumingMemoryBound(to: Entry.Fixed.self)
  }

  @inline(__always)
  func stripes(_ id: EntryID) -> UnsafeMutablePointer<Entry.StripePart> {
    (start(of: id) + Self.stripesOffset).assumingMemoryBound(to: Entry.StripePart.self)
  }

  @inline(__always)
  func marks(_ id: EntryID) -> UnsafeMutablePointer<UsageMarks> {
    (start(of: id) + Self.marksOffset).assumingMemoryBound(to: UsageMarks.self)
  }

  @inline(__always)
  func storage(_ id: EntryID) -> UnsafeMutablePointer<Entry.Storage> {
    (start(of: id) + Self.storageOffset).assumingMemoryBound(to: Entry.Storage.self)
  }

  @inline(__always)
  func ledgers(_ id: EntryID) -> UnsafeMutablePointer<Entry.LedgerPart> {
    (start(of: id) + Self.ledgersOffset).assumingMemoryBound(to: Entry.LedgerPart.self)
  }

  /// Set with an annex, and for as long as it is one.
  func nextAnnex(_ id: EntryID) -> EntryID { ledgers(id).pointee.older }
}

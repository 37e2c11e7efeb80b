import Base
import Glibc

/// All records, side by side: fields first, then the key. A key that is longer than a record has room for goes on in
/// annexes: records that hold nothing but bytes and follow each other by their `older` link.
struct EntryTable: @unchecked Sendable {
  private let mapping: Mapping
  let capacity: Int
  private static let keyOffset = MemoryLayout<Entry>.size
  /// What a record, or an annex, holds.
  static let payloadBytes = Limits.recordBytes - keyOffset

  init(reachBytes: Int) throws(StoreFailure) {
    precondition(Self.payloadBytes >= Limits.keyBytesMax, "a record holds the longest key of lm")
    precondition(MemoryLayout<Entry>.offset(of: \.newer)! == 64, "what a lookup needs lies in one line")
    capacity = min(reachBytes / Limits.recordBytes, Int(EntryID.max))
    mapping = try Mapping(byteCount: capacity * Limits.recordBytes)
  }

  @inline(__always)
  subscript(id: EntryID) -> UnsafeMutablePointer<Entry> {
    assert(id != 0 && Int(id) < capacity)
    return (mapping.base + Int(id) * Limits.recordBytes).assumingMemoryBound(to: Entry.self)
  }

  @inline(__always)
  private func payload(of id: EntryID) -> UnsafeMutableRawPointer {
    mapping.base + Int(id) * Limits.recordBytes + Self.keyOffset
  }

  // MARK: Keys

  static func annexRecords(keyLength: Int) -> Int {
    keyLength <= payloadBytes ? 0 : annexRecords(byteCount: keyLength - payloadBytes)
  }

  static func annexRecords(byteCount: Int) -> Int { (byteCount + payloadBytes - 1) / payloadBytes }

  func setKey(of id: EntryID, to key: UnsafeRawBufferPointer) {
    let inline = min(key.count, Self.payloadBytes)
    memcpy(payload(of: id), key.baseAddress!, inline)
    fillAnnex(self[id].pointee.keyAnnex, with: UnsafeRawBufferPointer(rebasing: key[inline...]))
  }

  @inline(__always)
  func hasKey(_ id: EntryID, _ key: UnsafeRawBufferPointer) -> Bool {
    guard key.count == Int(self[id].pointee.keyLength) else { return false }
    let inline = min(key.count, Self.payloadBytes)
    guard memcmp(payload(of: id), key.baseAddress!, inline) == 0 else { return false }
    return inline == key.count
      || annex(self[id].pointee.keyAnnex, holds: UnsafeRawBufferPointer(rebasing: key[inline...]))
  }

  func haveSameKey(_ one: EntryID, _ other: EntryID) -> Bool {
    let length = Int(self[one].pointee.keyLength)
    guard length == Int(self[other].pointee.keyLength) else { return false }
    guard memcmp(payload(of: one), payload(of: other), min(length, Self.payloadBytes)) == 0 else { return false }
    var rest = length - Self.payloadBytes
    var (left, right) = (self[one].pointee.keyAnnex, self[other].pointee.keyAnnex)
    while rest > 0 {
      guard memcmp(payload(of: left), payload(of: right), min(rest, Self.payloadBytes)) == 0 else { return false }
      (left, right) = (self[left].pointee.older, self[right].pointee.older)
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
      self[id].pointee.keyAnnex, into: UnsafeMutableRawBufferPointer(rebasing: room[inline..<length]))
    return length
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
      annex = self[annex].pointee.older
    }
  }
}

import Base

/// All records, side by side: fields first, then the key.
struct EntryTable: @unchecked Sendable {
  private let mapping: Mapping
  let capacity: Int
  private static let keyOffset = MemoryLayout<Entry>.size

  init(reachBytes: Int) throws(StoreFailure) {
    precondition(Self.keyOffset + Limits.keyBytesMax <= Limits.recordBytes, "a record holds the longest key")
    capacity = min(reachBytes / Limits.recordBytes, Int(EntryID.max))
    mapping = try Mapping(byteCount: capacity * Limits.recordBytes)
  }

  @inline(__always)
  subscript(id: EntryID) -> UnsafeMutablePointer<Entry> {
    assert(id != 0 && Int(id) < capacity)
    return (mapping.base + Int(id) * Limits.recordBytes).assumingMemoryBound(to: Entry.self)
  }

  @inline(__always)
  func key(of id: EntryID) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: keyStart(of: id), count: Int(self[id].pointee.keyLength))
  }

  func setKey(of id: EntryID, to key: UnsafeRawBufferPointer) {
    UnsafeMutableRawBufferPointer(start: keyStart(of: id), count: key.count).copyMemory(from: key)
  }

  @inline(__always)
  private func keyStart(of id: EntryID) -> UnsafeMutableRawPointer {
    mapping.base + Int(id) * Limits.recordBytes + Self.keyOffset
  }
}

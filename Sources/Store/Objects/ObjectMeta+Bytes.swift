import Base

/// The value under an object's metadata name: little-endian 32-bit integers, the length of the object's bytes, its
/// format, then for every KV group its type and its shape. They are the numbers of an `lm` header.
extension ObjectMeta {
  static let headBytes = 8
  static let groupBytes = 20
  /// The first group says what `lm` says.
  static let firstGroupEnd = headBytes + groupBytes

  /// How many groups a value of this length describes; nil when it can be no metadata.
  static func groupCount(inBytes byteCount: Int) -> Int? {
    let (count, rest) = (byteCount - headBytes).quotientAndRemainder(dividingBy: groupBytes)
    return rest == 0 && (1...Limits.metadataGroupsMax).contains(count) ? count : nil
  }

  static func byteCount(groups: Int) -> Int { headBytes + groups * groupBytes }

  /// Reads the first group, and the length that the object's bytes should have.
  static func decode(_ bytes: UnsafeRawBufferPointer) -> (statedLength: Int32, meta: ObjectMeta) {
    precondition(bytes.count >= firstGroupEnd)
    let meta = ObjectMeta(
      format: bytes.int32(1), type: bytes.int32(2),
      shape: (bytes.int32(3), bytes.int32(4), bytes.int32(5), bytes.int32(6)))
    return (bytes.int32(0), meta)
  }

  /// Writes head and first group.
  func encode(statedLength: Int32, into room: UnsafeMutableRawBufferPointer) {
    precondition(room.count >= Self.firstGroupEnd)
    let fields = (statedLength, format, type, shape.0, shape.1, shape.2, shape.3)
    func put(_ value: Int32, _ index: Int) {
      room.storeBytes(of: value.littleEndian, toByteOffset: index * 4, as: Int32.self)
    }
    put(fields.0, 0)
    put(fields.1, 1)
    put(fields.2, 2)
    put(fields.3, 3)
    put(fields.4, 4)
    put(fields.5, 5)
    put(fields.6, 6)
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func int32(_ index: Int) -> Int32 {
    Int32(littleEndian: loadUnaligned(fromByteOffset: index * 4, as: Int32.self))
  }
}

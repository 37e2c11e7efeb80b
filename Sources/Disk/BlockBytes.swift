import Base
import CXxhash

/// Writes numbers one behind the other, little-endian, into whole blocks that its caller owns.
struct BlockWriter: ~Copyable {
  private let bytes: UnsafeMutableRawBufferPointer
  private(set) var count = 0

  /// What is not written stays 0: the same contents are the same bytes.
  init(_ bytes: UnsafeMutableRawBufferPointer) {
    precondition(bytes.count % DiskFormat.blockBytes == 0, "blocks are written whole")
    self.bytes = bytes
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
    count = 8
  }

  /// Bytes that lie within a block and have no checksum of their own.
  init(part bytes: UnsafeMutableRawBufferPointer) { self.bytes = bytes }

  mutating func append(_ meta: ObjectMeta) {
    append(meta.format)
    append(meta.type)
    append(meta.shape.0)
    append(meta.shape.1)
    append(meta.shape.2)
    append(meta.shape.3)
    append(meta.location)
  }

  mutating func append(_ value: some FixedWidthInteger) {
    precondition(count + MemoryLayout.size(ofValue: value) <= bytes.count)
    bytes.storeBytes(of: value.littleEndian, toByteOffset: count, as: type(of: value))
    count += MemoryLayout.size(ofValue: value)
  }

  mutating func append(contentsOf other: UnsafeRawBufferPointer) {
    precondition(count + other.count <= bytes.count)
    UnsafeMutableRawBufferPointer(rebasing: bytes[count..<count + other.count]).copyMemory(from: other)
    count += other.count
  }

  mutating func skip(_ byteCount: Int) {
    precondition(count + byteCount <= bytes.count)
    count += byteCount
  }

  /// The first eight bytes are the checksum of all the others.
  consuming func seal(seed: UInt64) {
    let checksum = lm_hash64(bytes.baseAddress! + 8, bytes.count - 8, seed)
    bytes.storeBytes(of: checksum.littleEndian, as: UInt64.self)
  }
}

/// Reads numbers one behind the other. What is beyond the end is nil, and all after it.
struct BlockReader {
  private let bytes: UnsafeRawBufferPointer
  private(set) var place = 0

  /// Behind the checksum.
  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    place = min(8, bytes.count)
  }

  init(_ bytes: UnsafeRawBufferPointer, from place: Int) { (self.bytes, self.place) = (bytes, place) }

  mutating func next<Value: FixedWidthInteger>(_: Value.Type = Value.self) -> Value? {
    guard place + MemoryLayout<Value>.size <= bytes.count else {
      place = bytes.count
      return nil
    }
    defer { place += MemoryLayout<Value>.size }
    return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: Value.self))
  }

  mutating func next(bytes count: Int) -> UnsafeRawBufferPointer? {
    guard count >= 0, place + count <= bytes.count else {
      place = bytes.count
      return nil
    }
    defer { place += count }
    return UnsafeRawBufferPointer(rebasing: bytes[place..<place + count])
  }

  mutating func nextMeta() -> ObjectMeta? {
    guard let format = next(Int32.self), let type = next(Int32.self), let first = next(Int32.self),
      let second = next(Int32.self), let third = next(Int32.self), let fourth = next(Int32.self),
      let location = next(Int32.self)
    else { return nil }
    return ObjectMeta(format: format, type: type, shape: (first, second, third, fourth), location: location)
  }

  /// Whether the first eight bytes are the checksum of all the others.
  static func isIntact(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> Bool {
    guard bytes.count >= 8 else { return false }
    let stated = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    return lm_hash64(bytes.baseAddress! + 8, bytes.count - 8, seed) == stated
  }
}

import Base

/// What a record says of its value, in whole blocks before it: everything that memory keeps.
///
///     checksum u64  "LMCR" u32  headerBlocks u16  kind u8  tag u8  sequence u64  place u32  valueBytes u32
///     deadline u64  keyBytes u16  annotationBytes u16  format i32  type i32  shape i32 x 4  location i32
///     key  annotation  a checksum u64 for each piece of the value
///
/// The value begins in the next block, and 0 fills its last one.
package struct RecordHeader: RecordShape, Equatable, Sendable {
  static let magic = UInt32(littleEndian: 0x5243_4D4C)
  static let fixedBytes = 8 + 4 + 2 + 1 + 1 + 8 + 4 + 4 + 8 + 2 + 2 + 7 * 4

  package var kind: UInt8
  package var tag: UInt8
  /// Counts what is written to a device: no two records of it have the same.
  package var sequence: UInt64
  /// The block of its segment at which it begins.
  package var place: UInt32
  package var valueBytes: Int
  /// In milliseconds of the clock on the wall; 0 is never.
  package var deadline: UInt64
  package var meta: ObjectMeta
  package var key: [UInt8]
  package var annotation: [UInt8]
  package var pieces: [UInt64]

  package init(
    kind: UInt8, tag: UInt8, sequence: UInt64, place: UInt32, valueBytes: Int, deadline: UInt64, meta: ObjectMeta,
    key: [UInt8], annotation: [UInt8], pieces: [UInt64]
  ) {
    (self.kind, self.tag, self.sequence, self.place, self.valueBytes) = (kind, tag, sequence, place, valueBytes)
    (self.deadline, self.meta, self.key, self.annotation, self.pieces) = (deadline, meta, key, annotation, pieces)
  }

  package var keyBytes: Int { key.count }
  package var annotationBytes: Int { annotation.count }

  /// A checksum that a former life of the segment, or a block written to the wrong place, does not have.
  static func seed(life: UInt64, segment: UInt32, place: UInt32) -> UInt64 {
    life &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(segment) << 32 ^ UInt64(place)
  }

  // MARK: Writing

  package func write(to blocks: UnsafeMutableRawBufferPointer, segment: UInt32, life: UInt64) {
    precondition(blocks.count == headerBlocks * DiskFormat.blockBytes)
    precondition(pieces.count == DiskFormat.pieces(of: valueBytes), "each piece has a checksum")
    precondition(place % 2 == 0, "records begin on even blocks")
    precondition(
      (1...DiskFormat.keyBytesMax).contains(key.count) && annotation.count <= DiskFormat.annotationBytesMax
        && valueBytes <= DiskFormat.valueBytesMax)
    var writer = BlockWriter(blocks)
    writer.append(Self.magic)
    writer.append(UInt16(headerBlocks))
    writer.append(kind)
    writer.append(tag)
    writer.append(sequence)
    writer.append(place)
    writer.append(UInt32(valueBytes))
    writer.append(deadline)
    writer.append(UInt16(key.count))
    writer.append(UInt16(annotation.count))
    writer.append(meta)
    key.withUnsafeBytes { writer.append(contentsOf: $0) }
    annotation.withUnsafeBytes { writer.append(contentsOf: $0) }
    for piece in pieces { writer.append(piece) }
    writer.seal(seed: Self.seed(life: life, segment: segment, place: place))
  }

  // MARK: Reading

  /// How many blocks the header has that begins with this one, if it may be one: nothing is known to be true yet.
  package static func headerBlocks(claimedBy block: UnsafeRawBufferPointer) -> Int? {
    var reader = BlockReader(block)
    guard reader.next(UInt32.self) == magic, let blocks = reader.next(UInt16.self), blocks > 0,
      Int(blocks) <= headerBlocksMax
    else { return nil }
    return Int(blocks)
  }

  /// What a reader has to have room for.
  package static let headerBlocksMax = RecordSizes(
    keyBytes: DiskFormat.keyBytesMax, annotationBytes: DiskFormat.annotationBytesMax,
    valueBytes: DiskFormat.valueBytesMax
  ).headerBlocks

  /// Nil where the blocks are not the header of a record that this life of the segment has written to this place.
  package init?(_ blocks: UnsafeRawBufferPointer, segment: UInt32, life: UInt64, place: UInt32) {
    guard let view = RecordView(blocks, segment: segment, life: life, place: place) else { return nil }
    self.init(view)
  }

  package init(_ view: RecordView) {
    self.init(
      kind: view.kind, tag: view.tag, sequence: view.sequence, place: view.place, valueBytes: view.valueBytes,
      deadline: view.deadline, meta: view.meta, key: Array(view.key), annotation: Array(view.annotation),
      pieces: (0..<view.pieceCount).map(view.piece))
  }
}

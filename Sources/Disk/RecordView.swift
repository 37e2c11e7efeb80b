import Base

/// What the blocks of a record's header say, read where they lie: nothing is copied or allocated. Good for as long as
/// the blocks are as they were.
package struct RecordView: RecordShape {
  package let kind: UInt8
  package let tag: UInt8
  package let sequence: UInt64
  package let place: UInt32
  package let valueBytes: Int
  package let deadline: UInt64
  package let meta: ObjectMeta
  package let key: UnsafeRawBufferPointer
  package let annotation: UnsafeRawBufferPointer
  private let pieces: UnsafeRawBufferPointer

  package var keyBytes: Int { key.count }
  package var annotationBytes: Int { annotation.count }
  package var pieceCount: Int { DiskFormat.pieces(of: valueBytes) }

  /// Nil where the blocks are not the header of a record that this life of the segment has written to this place.
  package init?(_ blocks: UnsafeRawBufferPointer, segment: UInt32, life: UInt64, place: UInt32) {
    var reader = BlockReader(blocks)
    guard BlockReader.isIntact(blocks, seed: RecordHeader.seed(life: life, segment: segment, place: place)),
      reader.next(UInt32.self) == RecordHeader.magic, let headerBlocks = reader.next(UInt16.self),
      let kind = reader.next(UInt8.self), let tag = reader.next(UInt8.self), let sequence = reader.next(UInt64.self),
      reader.next(UInt32.self) == place, place % 2 == 0, let valueBytes = reader.next(UInt32.self),
      let deadline = reader.next(UInt64.self), let keyBytes = reader.next(UInt16.self),
      let annotationBytes = reader.next(UInt16.self), let meta = reader.nextMeta(), keyBytes > 0,
      valueBytes <= DiskFormat.valueBytesMax, Int(annotationBytes) <= DiskFormat.annotationBytesMax,
      let key = reader.next(bytes: Int(keyBytes)), let annotation = reader.next(bytes: Int(annotationBytes)),
      let pieces = reader.next(bytes: MemoryLayout<UInt64>.size * DiskFormat.pieces(of: Int(valueBytes)))
    else { return nil }
    (self.kind, self.tag, self.sequence, self.place, self.valueBytes) = (kind, tag, sequence, place, Int(valueBytes))
    (self.deadline, self.meta, self.key, self.annotation, self.pieces) = (deadline, meta, key, annotation, pieces)
    guard self.headerBlocks == headerBlocks, blocks.count == self.headerBlocks * DiskFormat.blockBytes else {
      return nil
    }
  }

  /// What a piece of the value sums to.
  package func piece(_ number: Int) -> UInt64 {
    precondition((0..<pieceCount).contains(number))
    return UInt64(littleEndian: pieces.loadUnaligned(fromByteOffset: number * 8, as: UInt64.self))
  }

  /// Whether a piece is what was written.
  package func holds(piece number: Int, _ bytes: UnsafeRawBufferPointer) -> Bool {
    (0..<pieceCount).contains(number)
      && piece(number) == RecordHeader.checksum(ofPiece: number, bytes, sequence: sequence)
  }
}

import Base

/// What a sealed segment ends in: all that a start has to know of its records, so that it need not read what lies
/// between them.
///
///     checksum u64  "LMCI" u32  blocks u32  records u32  0 u32
///     for each record:  sequence u64  place u32  valueBytes u32  deadline u64  kind u8  tag u8  keyBytes u16
///                       annotationBytes u16  0 u16  format i32  type i32  shape i32 x 4  location i32
///                       key  annotation
///
/// It fills whole blocks, the last ones of the segment. The last eight bytes of the segment say where it begins, and
/// are part of what is summed.
package enum SegmentIndex {
  static let magic = UInt32(littleEndian: 0x4943_4D4C)
  static let headBytes = 8 + 4 + 4 + 4 + 4
  static let fixedRecordBytes = 8 + 4 + 4 + 8 + 1 + 1 + 2 + 2 + 2 + 7 * 4
  static let tailBytes = 8

  static func seed(life: UInt64, segment: UInt32) -> UInt64 {
    RecordHeader.seed(life: life, segment: segment, place: .max)
  }

  /// Where the index begins, if the last block of a segment ends one. Nothing is known to be true yet.
  package static func place(claimedBy lastBlock: UnsafeRawBufferPointer, segmentBlocks: UInt32) -> UInt32? {
    guard lastBlock.count == DiskFormat.blockBytes else { return nil }
    let place = UInt64(
      littleEndian: lastBlock.loadUnaligned(fromByteOffset: lastBlock.count - tailBytes, as: UInt64.self))
    let first = UInt64(SegmentLayout(blocks: segmentBlocks).firstBlock)
    return place >= first && place < UInt64(segmentBlocks) ? UInt32(place) : nil
  }

  /// How many blocks the index has that begins with this one, if it may be one.
  package static func blocks(claimedBy firstBlock: UnsafeRawBufferPointer) -> Int? {
    var reader = BlockReader(firstBlock)
    guard reader.next(UInt32.self) == magic else { return nil }
    return reader.next(UInt32.self).map(Int.init)
  }

  /// Shows the records in the order in which they lie, or the other way round, until one is enough for `body`. Returns
  /// false, and shows none, where the blocks are not the index that this life of the segment has written.
  package static func forEach(
    in blocks: UnsafeRawBufferPointer, segment: UInt32, life: UInt64, latestFirst: Bool = false,
    _ body: (borrowing IndexedRecord) -> Bool
  ) -> Bool {
    guard let starts = starts(in: blocks, segment: segment, life: life) else { return false }
    func show(_ start: Int) -> Bool {
      var reader = BlockReader(blocks, from: start)
      guard let record = IndexedRecord(&reader) else { return false }
      return body(record)
    }
    if latestFirst {
      for start in starts.reversed() where !show(start) { break }
    } else {
      for start in starts where !show(start) { break }
    }
    return true
  }

  /// Where each record begins, which is found out from the first on.
  private static func starts(in blocks: UnsafeRawBufferPointer, segment: UInt32, life: UInt64) -> [Int]? {
    guard blocks.count % DiskFormat.blockBytes == 0,
      BlockReader.isIntact(blocks, seed: seed(life: life, segment: segment))
    else { return nil }
    var reader = BlockReader(UnsafeRawBufferPointer(rebasing: blocks[..<(blocks.count - tailBytes)]))
    guard reader.next(UInt32.self) == magic, let count = reader.next(UInt32.self),
      Int(count) * DiskFormat.blockBytes == blocks.count, let records = reader.next(UInt32.self),
      reader.next(UInt32.self) != nil, Int(records) <= blocks.count / fixedRecordBytes
    else { return nil }
    var starts: [Int] = []
    starts.reserveCapacity(Int(records))
    for _ in 0..<records {
      starts.append(reader.place)
      guard IndexedRecord(&reader) != nil else { return nil }
    }
    return starts
  }
}

/// A record as an index knows it, good while it is shown.
package struct IndexedRecord: RecordShape, ~Copyable {
  package let kind: UInt8
  package let tag: UInt8
  package let sequence: UInt64
  package let place: UInt32
  package let valueBytes: Int
  package let deadline: UInt64
  package let meta: ObjectMeta
  package let key: UnsafeRawBufferPointer
  package let annotation: UnsafeRawBufferPointer

  package var keyBytes: Int { key.count }
  package var annotationBytes: Int { annotation.count }

  init?(_ reader: inout BlockReader) {
    guard let sequence = reader.next(UInt64.self), let place = reader.next(UInt32.self), place % 2 == 0,
      let valueBytes = reader.next(UInt32.self), let deadline = reader.next(UInt64.self),
      let kind = reader.next(UInt8.self), let tag = reader.next(UInt8.self), let keyBytes = reader.next(UInt16.self),
      let annotationBytes = reader.next(UInt16.self), reader.next(UInt16.self) != nil, let meta = reader.nextMeta(),
      keyBytes > 0, valueBytes <= DiskFormat.valueBytesMax, Int(annotationBytes) <= DiskFormat.annotationBytesMax,
      let key = reader.next(bytes: Int(keyBytes)), let annotation = reader.next(bytes: Int(annotationBytes))
    else { return nil }
    (self.kind, self.tag, self.sequence, self.place, self.valueBytes) = (kind, tag, sequence, place, Int(valueBytes))
    (self.deadline, self.meta, self.key, self.annotation) = (deadline, meta, key, annotation)
  }
}

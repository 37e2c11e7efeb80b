/// Gathers the index of a segment while its records are written, in the form in which it will lie on disk.
package struct SegmentIndexBuilder: Sendable {
  private var records: [UInt8] = []
  package private(set) var count = 0

  package init() {}

  /// Of the whole index.
  package var byteCount: Int { SegmentIndex.headBytes + records.count + SegmentIndex.tailBytes }
  package var blocks: Int { DiskFormat.blocks(of: byteCount) }

  /// How many blocks it will have with one record more, for a writer that keeps room for it.
  package func blocks(with record: borrowing some RecordShape & ~Copyable) -> Int {
    let more = SegmentIndex.fixedRecordBytes + record.keyBytes + record.annotationBytes
    return DiskFormat.blocks(of: byteCount + more)
  }

  package mutating func append(_ header: RecordHeader) {
    let start = records.count
    let more = SegmentIndex.fixedRecordBytes + header.key.count + header.annotation.count
    records.append(contentsOf: repeatElement(0, count: more))
    records.withUnsafeMutableBytes { bytes in
      var writer = BlockWriter(part: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
      writer.append(header.sequence)
      writer.append(header.place)
      writer.append(UInt32(header.valueBytes))
      writer.append(header.deadline)
      writer.append(header.kind)
      writer.append(header.tag)
      writer.append(UInt16(header.key.count))
      writer.append(UInt16(header.annotation.count))
      writer.append(UInt16(0))
      writer.append(header.meta)
      header.key.withUnsafeBytes { writer.append(contentsOf: $0) }
      header.annotation.withUnsafeBytes { writer.append(contentsOf: $0) }
    }
    count += 1
  }

  /// Writes it as the last blocks of a segment, of which `place` is the first.
  package func write(to blocks: UnsafeMutableRawBufferPointer, at place: UInt32, segment: UInt32, life: UInt64) {
    precondition(blocks.count == self.blocks * DiskFormat.blockBytes)
    var writer = BlockWriter(blocks)
    writer.append(SegmentIndex.magic)
    writer.append(UInt32(self.blocks))
    writer.append(UInt32(count))
    writer.append(UInt32(0))
    records.withUnsafeBytes { writer.append(contentsOf: $0) }
    writer.skip(blocks.count - SegmentIndex.tailBytes - writer.count)
    writer.append(UInt64(place))
    writer.seal(seed: SegmentIndex.seed(life: life, segment: segment))
  }
}

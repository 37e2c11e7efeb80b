/// How many blocks a record takes: its header's, then its value's.
package protocol RecordShape: ~Copyable {
  var keyBytes: Int { get }
  var annotationBytes: Int { get }
  var valueBytes: Int { get }
}

extension RecordShape where Self: ~Copyable {
  package var headerBlocks: Int {
    let pieces = MemoryLayout<UInt64>.size * DiskFormat.pieces(of: valueBytes)
    return DiskFormat.blocks(of: RecordHeader.fixedBytes + keyBytes + annotationBytes + pieces)
  }

  package var valueBlocks: Int { DiskFormat.blocks(of: valueBytes) }

  /// An even number, and so 2 at least: records begin on even blocks.
  package var blocks: Int { (headerBlocks + valueBlocks + 1) / 2 * 2 }
}

/// Of a record that is not there yet, for a writer that looks for room.
package struct RecordSizes: RecordShape, Equatable, Sendable {
  package var keyBytes: Int
  package var annotationBytes: Int
  package var valueBytes: Int

  package init(keyBytes: Int, annotationBytes: Int, valueBytes: Int) {
    (self.keyBytes, self.annotationBytes, self.valueBytes) = (keyBytes, annotationBytes, valueBytes)
  }
}

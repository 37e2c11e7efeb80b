/// Walks the records of a segment that has no index, because it was being written when the process ended: from one to
/// the next, up to the first place where none begins that this life has written. What is read lies with the caller.
package struct SegmentScan: Sendable {
  package let header: SegmentHeader
  /// The block to be shown next; nil at the end.
  package private(set) var place: UInt32?

  package init(_ header: SegmentHeader) { (self.header, place) = (header, header.layout.firstBlock) }

  package enum Finding: Sendable {
    /// The header goes on: so many blocks are to be shown from the same place.
    case more(blocks: Int)
    case record(RecordHeader)
    case end
  }

  /// Shows the blocks from `place` on: one, or as many as were asked for.
  package mutating func show(_ blocks: UnsafeRawBufferPointer) -> Finding {
    guard let place else { return .end }
    guard let count = RecordHeader.headerBlocks(claimedBy: blocks), Int(place) + count <= Int(header.blocks) else {
      return end()
    }
    if count * DiskFormat.blockBytes > blocks.count { return .more(blocks: count) }
    let own = UnsafeRawBufferPointer(rebasing: blocks[..<(count * DiskFormat.blockBytes)])
    guard let record = RecordHeader(own, segment: header.segment, life: header.life, place: place),
      Int(place) + record.blocks <= Int(header.blocks)
    else { return end() }
    go(to: Int(place) + record.blocks)
    return .record(record)
  }

  private mutating func go(to block: Int) { place = block < Int(header.blocks) ? UInt32(block) : nil }

  private mutating func end() -> Finding {
    place = nil
    return .end
  }
}

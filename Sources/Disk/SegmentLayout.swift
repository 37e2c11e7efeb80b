/// Where the parts of a segment lie: its header's block, two copies of its graves, records, and its index at the end.
package struct SegmentLayout: Equatable, Sendable {
  package static let graveCopies = 2

  /// How many it has.
  package let blocks: UInt32

  package init(blocks: UInt32) {
    precondition(DiskFormat.isSegment(ofBlocks: blocks))
    self.blocks = blocks
  }

  /// In one copy.
  package var gravePages: Int { (Int(blocks) / 2 + Graves.bitsPerPage - 1) / Graves.bitsPerPage }

  /// All pages of the first copy come before those of the second: what tears one write leaves the other copy.
  package func graveBlock(page: Int, copy: Int) -> UInt32 {
    precondition((0..<gravePages).contains(page) && (0..<Self.graveCopies).contains(copy))
    return UInt32(1 + copy * gravePages + page)
  }

  /// Records begin on even blocks: a grave is half a block's number.
  package var firstBlock: UInt32 { UInt32((2 + Self.graveCopies * gravePages) / 2 * 2) }
}

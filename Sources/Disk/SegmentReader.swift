/// What a segment holds: its graves, and its records by its index or, where it has none, by a scan.
///
/// Reading is the caller's: a closure fills whole blocks from a given one on, and returns false where it cannot.
package struct SegmentReader: ~Copyable {
  package typealias Read = (_ block: UInt32, _ into: UnsafeMutableRawBufferPointer) -> Bool

  package enum State: Equatable, Sendable {
    case sealed
    /// Without an index: it was being written when the process ended, or its index is damaged.
    case open
    /// A later life of it has begun than its header says: nothing in it counts.
    case outlived
  }

  package let header: SegmentHeader
  package let state: State
  package let graves: Graves
  package let recordCount: Int
  // In the form of an index on disk, wherever it comes from.
  private let index: [UInt8]

  package init(_ header: SegmentHeader, read: Read) {
    self.header = header
    var graves = Graves(blocks: header.blocks)
    guard Self.readGraves(of: header, into: &graves, read) else {
      (state, self.graves, recordCount, index) = (.outlived, graves, 0, [])
      return
    }
    self.graves = graves
    if let index = Self.readIndex(of: header, read) {
      (state, self.index) = (.sealed, index)
    } else {
      (state, index) = (.open, Self.scan(header, read))
    }
    var count = 0
    _ = index.withUnsafeBytes {
      SegmentIndex.forEach(in: $0, segment: header.segment, life: header.life) { _ in
        count += 1
        return true
      }
    }
    recordCount = count
  }

  /// Shows the records from the last to the first: a later one of a key hides those before it.
  package func forEach(_ body: (_ record: borrowing IndexedRecord, _ isDead: Bool) -> Void) {
    _ = index.withUnsafeBytes {
      SegmentIndex.forEach(in: $0, segment: header.segment, life: header.life, latestFirst: true) { record in
        body(record, graves.contains(record.place))
        return true
      }
    }
  }

  // MARK: Graves

  /// False where the header's life is over.
  private static func readGraves(of header: SegmentHeader, into graves: inout Graves, _ read: Read) -> Bool {
    let layout = header.layout
    for copy in 0..<SegmentLayout.graveCopies {
      for page in 0..<layout.gravePages {
        guard let block = blocks(1, at: layout.graveBlock(page: page, copy: copy), read) else { continue }
        let life = block.withUnsafeBytes { Graves.life(ofPage: page, $0, segment: header.segment) }
        if let life, life > header.life { return false }
        _ = block.withUnsafeBytes { graves.merge(page: page, $0, segment: header.segment, life: header.life) }
      }
    }
    return true
  }

  // MARK: Records

  private static func readIndex(of header: SegmentHeader, _ read: Read) -> [UInt8]? {
    guard let last = blocks(1, at: header.blocks - 1, read),
      let place = last.withUnsafeBytes({ SegmentIndex.place(claimedBy: $0, segmentBlocks: header.blocks) }),
      let first = blocks(1, at: place, read),
      first.withUnsafeBytes({ SegmentIndex.blocks(claimedBy: $0) }) == Int(header.blocks - place),
      let index = blocks(Int(header.blocks - place), at: place, read)
    else { return nil }
    let isIndex = index.withUnsafeBytes {
      SegmentIndex.forEach(in: $0, segment: header.segment, life: header.life) { _ in false }
    }
    return isIndex ? index : nil
  }

  private static func scan(_ header: SegmentHeader, _ read: Read) -> [UInt8] {
    var builder = SegmentIndexBuilder()
    var scan = SegmentScan(header)
    var count = 1
    while let place = scan.place, let blocks = blocks(count, at: place, read) {
      switch blocks.withUnsafeBytes({ scan.show($0) }) {
      case .more(let blocks): count = blocks
      case .record(let record):
        builder.append(record)
        count = 1
      case .end: break
      }
    }
    var index = [UInt8](repeating: 0, count: builder.blocks * DiskFormat.blockBytes)
    index.withUnsafeMutableBytes {
      builder.write(to: $0, at: header.blocks, segment: header.segment, life: header.life)
    }
    return index
  }

  private static func blocks(_ count: Int, at block: UInt32, _ read: Read) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count * DiskFormat.blockBytes)
    return bytes.withUnsafeMutableBytes { read(block, $0) } ? bytes : nil
  }
}

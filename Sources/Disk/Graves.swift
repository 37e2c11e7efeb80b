/// Which records of a segment are dead, though their bytes are still there: deleted, replaced, or expired early.
///
/// A bit for each two blocks, set where a dead record begins; a record has two blocks at least. Bits are only ever set,
/// so of the two copies on disk either may be behind: dead is what one of them calls dead, and no single write that is
/// lost, torn, misdirected or rotten brings anything back.
///
/// A page is a block:
///
///     checksum u64  "LMCG" u32  page u32  life u64  509 u64 of bits
package struct Graves: Sendable {
  private static let magic = UInt32(littleEndian: 0x4743_4D4C)
  private static let headBytes = 8 + 4 + 4 + 8
  private static let wordsPerPage = (DiskFormat.blockBytes - headBytes) / 8
  package static let bitsPerPage = 64 * wordsPerPage

  /// What is known of a page's copies on disk.
  private enum Copies: Equatable, Sendable {
    case same
    /// One was read, and no other yet that says the same.
    case oneRead
    case behind
  }

  private let layout: SegmentLayout
  // Empty until something is dead: most segments of a device that was just filled have no graves.
  private var words: [UInt64] = []
  private var copies: [Copies] = []
  /// How many records are dead.
  package private(set) var count = 0

  package init(blocks: UInt32) { layout = SegmentLayout(blocks: blocks) }

  package var isEmpty: Bool { count == 0 }

  // MARK: Bits

  /// The record that begins there is dead.
  package mutating func insert(_ block: UInt32) {
    let bit = bit(block)
    makeRoom()
    guard words[bit / 64] & 1 << (bit % 64) == 0 else { return }
    words[bit / 64] |= 1 << (bit % 64)
    count += 1
    copies[bit / Self.bitsPerPage] = .behind
  }

  package func contains(_ block: UInt32) -> Bool {
    let bit = bit(block)
    return !words.isEmpty && words[bit / 64] & 1 << (bit % 64) != 0
  }

  private func bit(_ block: UInt32) -> Int {
    precondition(block < layout.blocks, "a segment ends")
    return Int(block / 2)
  }

  private var wordCount: Int { (Int(layout.blocks) / 2 + 63) / 64 }

  private mutating func makeRoom() {
    guard words.isEmpty else { return }
    words = [UInt64](repeating: 0, count: wordCount)
    copies = [Copies](repeating: .same, count: layout.gravePages)
  }

  private func words(of page: Int) -> Range<Int> {
    precondition((0..<layout.gravePages).contains(page))
    return page * Self.wordsPerPage..<min((page + 1) * Self.wordsPerPage, wordCount)
  }

  // MARK: On disk

  /// The pages to be written, both copies of each: those changed since, and those of which a start did not find two
  /// copies that say the same.
  package mutating func takeDirtyPages() -> [Int] {
    let dirty = copies.indices.filter { copies[$0] != .same }
    for page in dirty { copies[page] = .same }
    return dirty
  }

  package func writePage(_ page: Int, to block: UnsafeMutableRawBufferPointer, segment: UInt32, life: UInt64) {
    precondition(block.count == DiskFormat.blockBytes)
    var writer = BlockWriter(block)
    writer.append(Self.magic)
    writer.append(UInt32(page))
    writer.append(life)
    let own = words(of: page)
    if !words.isEmpty { for word in words[own] { writer.append(word) } }
    writer.seal(seed: Self.seed(segment: segment))
  }

  /// Adds what a copy of a page says. Returns whether it was one, of this life: what is not says nothing.
  package mutating func merge(page: Int, _ block: UnsafeRawBufferPointer, segment: UInt32, life: UInt64) -> Bool {
    guard var reader = Self.reader(of: block, page: page, segment: segment), reader.next(UInt64.self) == life else {
      return false
    }
    var isDifferent = false
    var isFirst = true
    for index in words(of: page) {
      guard var word = reader.next(UInt64.self) else { return false }
      // The last word may have more bits than the segment has records.
      let bits = Int(layout.blocks) / 2 - index * 64
      if bits < 64 { word &= 1 << bits - 1 }
      guard word != 0 || !words.isEmpty else { continue }
      makeRoom()
      if word != words[index] { isDifferent = true }
      if words[index] != 0 { isFirst = false }
      count += (word & ~words[index]).nonzeroBitCount
      words[index] |= word
    }
    noteCopy(of: page, isDifferent: isDifferent, isFirst: isFirst)
    return true
  }

  private mutating func noteCopy(of page: Int, isDifferent: Bool, isFirst: Bool) {
    guard !words.isEmpty else { return }
    switch (copies[page], isDifferent) {
    case (.same, true): copies[page] = isFirst ? .oneRead : .behind
    case (.oneRead, false): copies[page] = .same
    case (.oneRead, true): copies[page] = .behind
    case (.same, false), (.behind, _): break
    }
  }

  /// Of which life a page is, if it is intact. One that is later than its segment's header says that the header was
  /// written and is lost: the segment is of no known use then, and nothing in it counts.
  package static func life(ofPage page: Int, _ block: UnsafeRawBufferPointer, segment: UInt32) -> UInt64? {
    guard var reader = reader(of: block, page: page, segment: segment) else { return nil }
    return reader.next(UInt64.self)
  }

  /// Behind the number of the page.
  private static func reader(of block: UnsafeRawBufferPointer, page: Int, segment: UInt32) -> BlockReader? {
    var reader = BlockReader(block)
    guard block.count == DiskFormat.blockBytes, BlockReader.isIntact(block, seed: seed(segment: segment)),
      reader.next(UInt32.self) == magic, reader.next(UInt32.self) == UInt32(page)
    else { return nil }
    return reader
  }

  /// Without the life, which a reader has to see first.
  private static func seed(segment: UInt32) -> UInt64 { UInt64(segment) }
}

import Base

/// What is known of every block: a bit for each of its pages, and its place in the lists.
struct BlockTable: @unchecked Sendable {
  struct Block {
    /// Pages that hold nothing and are backed by memory.
    var free: UInt32
    /// Pages that hold nothing and are not: their memory went back to the system.
    var absent: UInt32
  }

  /// A bit for every page of a block.
  static let allPages = UInt32.max

  private let mappings: [Mapping]
  private let blocks: UnsafeMutablePointer<Block>
  /// For the lists of which a block is in one at most: its pages are all free, or some, or it waits to be renewed.
  let readyLinks: UnsafeMutablePointer<BlockList.Links>
  /// For the list of those with absent pages.
  let absentLinks: UnsafeMutablePointer<BlockList.Links>

  init(pageCount: Int) throws(StoreFailure) {
    precondition(Limits.pagesPerBlock == UInt32.bitWidth, "a mask bit a page")
    let count = Self.blockCount(pageCount: pageCount)
    let records = try Mapping(byteCount: count * MemoryLayout<Block>.stride)
    let ready = try Mapping(byteCount: count * MemoryLayout<BlockList.Links>.stride)
    let absent = try Mapping(byteCount: count * MemoryLayout<BlockList.Links>.stride)
    mappings = [records, ready, absent]
    blocks = records.base.bindMemory(to: Block.self, capacity: count)
    readyLinks = ready.base.bindMemory(to: BlockList.Links.self, capacity: count)
    absentLinks = absent.base.bindMemory(to: BlockList.Links.self, capacity: count)
  }

  subscript(block: BlockID) -> Block {
    get { blocks[Int(block)] }
    nonmutating set { blocks[Int(block)] = newValue }
  }

  static func blockCount(pageCount: Int) -> Int { (pageCount + Limits.pagesPerBlock - 1) / Limits.pagesPerBlock }

  static func bytes(pageCount: Int) -> Int {
    blockCount(pageCount: pageCount)
      * (MemoryLayout<Block>.stride + 2 * MemoryLayout<BlockList.Links>.stride + BlockMarks.bytesPerBlock)
  }

  static func block(of page: PageID) -> BlockID { page / BlockID(Limits.pagesPerBlock) }

  static func firstPage(of block: BlockID) -> PageID { block * PageID(Limits.pagesPerBlock) }

  /// The pages of a block as the arena counts them.
  static func pages(of block: BlockID) -> Range<Int> {
    let first = Int(firstPage(of: block))
    return first..<first + Limits.pagesPerBlock
  }

  /// The bit of a page in the masks of its block.
  static func bit(of page: PageID) -> UInt32 { 1 << (page % UInt32(Limits.pagesPerBlock)) }

  /// The bits of pages that lie side by side in one block.
  static func bits(of pages: Range<Int>) -> UInt32 {
    let start = UInt32(pages.lowerBound % Limits.pagesPerBlock)
    return (allPages >> UInt32(Limits.pagesPerBlock - pages.count)) << start
  }
}

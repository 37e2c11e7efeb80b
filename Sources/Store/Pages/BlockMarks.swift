import Base
import Synchronization

/// Which blocks belong to one value whole, and which of those were lent: the kernel may still read their pages when
/// nothing here refers to them any more. Asked and marked without a lock by sessions that have the value pinned.
struct BlockMarks: @unchecked Sendable {
  private static let shared: UInt8 = 0
  private static let whole: UInt8 = 1
  private static let lent: UInt8 = 2
  static let bytesPerBlock = MemoryLayout<Atomic<UInt8>>.stride

  private let mapping: Mapping
  private let marks: UnsafeMutablePointer<Atomic<UInt8>>

  init(pageCount: Int) throws(StoreFailure) {
    let count = BlockTable.blockCount(pageCount: pageCount)
    mapping = try Mapping(byteCount: count * Self.bytesPerBlock)
    // Zeroed, and an atomic byte is a byte.
    marks = mapping.base.bindMemory(to: Atomic<UInt8>.self, capacity: count)
  }

  func isWhole(_ block: BlockID) -> Bool { marks[Int(block)].load(ordering: .relaxed) != Self.shared }

  func isLent(_ block: BlockID) -> Bool { marks[Int(block)].load(ordering: .relaxed) == Self.lent }

  /// One value has all of it, from here on until it is released.
  func markWhole(_ block: BlockID) { marks[Int(block)].store(Self.whole, ordering: .relaxed) }

  /// By a session that has its value pinned: the locks of the pin's end order this before the release.
  func markLent(_ block: BlockID) {
    guard !isLent(block) else { return }
    marks[Int(block)].store(Self.lent, ordering: .relaxed)
  }

  func clear(_ block: BlockID) { marks[Int(block)].store(Self.shared, ordering: .relaxed) }
}

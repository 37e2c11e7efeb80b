@testable import Policy

/// Nodes in memory of their own, each beside the hash of its key.
final class ChunkMemory {
  private struct Record {
    var hash: UInt64 = 0
    var stamp: UInt32 = 0
    var node = ChunkNode()
  }

  /// As the store's: bits of a hash tell ranks apart, and one says that there are several.
  static let ranks = RankBits(mask: 0xFF << 24, flag: 1 << 40)

  let nodes: ChunkNodes
  let capacity: Int
  private let memory: UnsafeMutablePointer<Record>

  init(capacity: Int) {
    self.capacity = capacity
    memory = .allocate(capacity: capacity + 1)
    memory.initialize(repeating: Record(), count: capacity + 1)
    let start = UnsafeMutableRawPointer(memory)
    nodes = ChunkNodes(
      base: start + MemoryLayout<Record>.offset(of: \.node)!,
      names: UnsafeRawPointer(start + MemoryLayout<Record>.offset(of: \.hash)!), stride: MemoryLayout<Record>.stride,
      ranks: Self.ranks)
    for id in 1...UInt32(capacity) { setHash(of: id, to: UInt64(id) &* 0xD6E8_FEB8_6659_FD93 & ~(1 << 40)) }
  }

  deinit { memory.deallocate() }

  var all: ClosedRange<UInt32> { 1...UInt32(capacity) }

  func setHash(of id: UInt32, to hash: UInt64) { memory[Int(id)].hash = hash }

  /// A node stands for another chunk each time.
  func renew(_ id: UInt32) { memory[Int(id)].stamp += 1 }
}

import Testing

@testable import Policy

/// Ranks of a chunk come back together: one of them tells of all.
@Suite struct WatchedRankTests {
  /// Prompts of four chunks, of each a part for each rank, stored rank by rank. The hashes of chunks that are watched.
  private static func watched(ranks: ClosedRange<Int>) -> [UInt64] {
    let tree = OrderHarness(capacity: 200 * ranks.count)
    for (number, rank) in ranks.enumerated() {
      for chunk in 1...UInt32(200) {
        let hash = UInt64(chunk) &* 0xD6E8_FEB8_6659_FD93 & ~(0xFF << 24) | 1 << 40 | UInt64(rank) << 24
        tree.memory.setHash(of: UInt32(200 * number) + chunk, to: hash)
      }
    }
    for first in stride(from: UInt32(1), through: 197, by: 4) {
      for number in 0..<ranks.count {
        let start = UInt32(200 * number) + first
        tree.miss(start)
        for id in start...start + 3 { tree.enter(id) }
      }
    }
    tree.pass(tenths: 1000)
    return tree.order.knowledge(seed: 1).watched.map(\.hash)
  }

  @Test(arguments: [0...1, 0...7, 4...7])
  func theLowestRankIsWatchedForAll(ranks: ClosedRange<Int>) {
    let watched = Self.watched(ranks: ranks)
    #expect(watched.count == Self.watched(ranks: ranks.lowerBound...ranks.lowerBound).count && watched.count >= 90)
    #expect(watched.allSatisfy { Int(ChunkMemory.ranks.rank($0) >> 24) == ranks.lowerBound })
  }
}

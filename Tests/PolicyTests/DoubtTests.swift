import Testing

@testable import Policy

/// Values are estimates: small differences between them are not gone by.
@Suite struct DoubtTests {
  private static let alone = ChunkClass(reuses: 0, distance: 0, new: 1, length: 1)
  private static let longer = ChunkClass(reuses: 0, distance: 0, new: 10, length: 10)

  /// Chunks of longer prompts come back so many times as often, at all ages.
  private static func table(longerIsWorth factor: Float) -> ValueTable {
    var returns = Returns()
    for part in [alone, longer] {
      for bin in 0..<AgeBin.count - 1 {
        for _ in 0..<4000 {
          returns.close(part, ticks: AgeBin.start(bin) + AgeBin.width(bin) / 2, returned: true)
        }
      }
      returns.watch(part, ticks: AgeBin.start(AgeBin.count - 1), weight: 1_000_000 / (part == alone ? 1 : factor))
    }
    return ValueTable(returns)
  }

  /// A prompt of ten chunks, of which nothing was heard for long, then many of one.
  private static func stage(longerIsWorth factor: Float) -> OrderHarness {
    let tree = OrderHarness(capacity: 500)
    tree.miss(1)
    for id in 1...UInt32(10) { tree.enter(id) }
    for id in 11...UInt32(500) { tree.enterAlone(id) }
    tree.pass(tenths: 1000)
    tree.order.adopt(table(longerIsWorth: factor))
    return tree
  }

  @Test func valuesDifferByThat() {
    let table = Self.table(longerIsWorth: 6)
    let ratio = table.value(Self.longer, ticks: 20) / table.value(Self.alone, ticks: 20)
    #expect(ratio > 5 && ratio < 7)
  }

  /// As with the order of last use, its tail goes first, and then what stands before it.
  @Test(arguments: [1.15, 1.5] as [Float])
  func ofChunksThatAreWorthAboutTheSameTheLongestUnusedGoes(factor: Float) {
    let tree = Self.stage(longerIsWorth: factor)
    for id in stride(from: UInt32(10), through: 1, by: -1) {
      #expect(tree.victim(oldest: id) == id)
      tree.evict(id)
    }
  }

  @Test func whatIsWorthMuchMoreStaysThoughItIsTheLongestUnused() throws {
    let tree = Self.stage(longerIsWorth: 6)
    for _ in 0..<100 {
      let victim = try #require(tree.victim(oldest: 10))
      #expect(victim > 10)
      tree.evict(victim)
    }
  }
}

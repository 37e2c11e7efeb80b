import Testing

@testable import Base

@Suite
struct SplitMix64Tests {
  /// The published sequence of the algorithm for seed 1234567: replays depend on it.
  @Test
  func theSequenceIsTheKnownOne() {
    var random = SplitMix64(seed: 1_234_567)
    let numbers = (0..<5).map { _ in random.next() }
    #expect(
      numbers == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ])
  }

  @Test
  func picksStayInTheirRangeAndReachBothEnds() {
    var random = SplitMix64(seed: 1)
    var seen: Set<Int> = []
    for _ in 0..<1000 { seen.insert(random.pick(-3...4)) }
    #expect(seen == Set(-3...4))
    #expect(random.pick(5...5) == 5)
  }

  @Test
  func chancesAreInThousandths() {
    var random = SplitMix64(seed: 2)
    #expect(!(0..<1000).contains { _ in random.chance(perMille: 0) })
    #expect((0..<1000).allSatisfy { _ in random.chance(perMille: 1000) })
    let hits = (0..<100_000).count { _ in random.chance(perMille: 250) }
    #expect((24_000...26_000).contains(hits))
  }
}

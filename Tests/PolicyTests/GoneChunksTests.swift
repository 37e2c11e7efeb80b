import Base
import Testing

@testable import Policy

/// What is remembered of chunks that have gone.
@Suite struct GoneChunksTests {
  private static func hash(_ number: Int) -> UInt64 { UInt64(number) &* 0xD6E8_FEB8_6659_FD93 }

  /// As long as they are few.
  @Test(arguments: 0..<10)
  func itKnowsThoseThatWent(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var gone = GoneChunks()
    var expected: [Int: UInt8] = [:]
    for _ in 0..<20_000 {
      let number = random.pick(0...3000)
      if expected[number] == nil, random.chance(perMille: 600) {
        let reuses = UInt8(random.pick(0...255))
        gone.note(Self.hash(number), reuses: reuses, fitting: 100)
        expected[number] = reuses
      } else {
        #expect(gone.take(Self.hash(number)) == expected[number])
        expected[number] = nil
      }
    }
  }

  @Test func itForgetsThoseThatWentLongestAgo() {
    var gone = GoneChunks()
    let all = 0..<4 * PolicyLimits.goneMin
    for number in all { gone.note(Self.hash(number), reuses: 3, fitting: 1000) }
    #expect(gone.bytes == 0, "it is as large as it was")
    #expect(all.suffix(PolicyLimits.goneMin / 8).allSatisfy { gone.take(Self.hash($0)) == 3 })
    #expect(all.prefix(PolicyLimits.goneMin / 8).allSatisfy { gone.take(Self.hash($0)) == nil })
  }

  /// By no more than is booked with the chunks that fit, and what it knew it still knows.
  @Test func itGrowsWithWhatFits() {
    var gone = GoneChunks()
    let known = 0..<PolicyLimits.goneMin / 4
    for number in known { gone.note(Self.hash(number), reuses: UInt8(number & 0xFF), fitting: 0) }
    for count in [1000, PolicyLimits.goneMin / 4 + 1, PolicyLimits.goneMin] {
      for _ in 0..<3 { gone.note(Self.hash(1_000_000), reuses: 0, fitting: count) }
      #expect(gone.bytes <= 2 * PolicyLimits.gonePerChunk * 4 * count)
    }
    #expect(gone.bytes >= PolicyLimits.gonePerChunk * 4 * PolicyLimits.goneMin - GoneChunks.bytesMin)
    #expect(known.allSatisfy { gone.take(Self.hash($0)) == UInt8($0 & 0xFF) })
  }

  /// Few chunks are taken for one that has gone: all of a hash but some bits decides.
  @Test func itKnowsNothingOfOthers() {
    var gone = GoneChunks()
    for number in 0..<PolicyLimits.goneMin / 2 { gone.note(Self.hash(number), reuses: 1, fitting: 1000) }
    let mistaken = (1_000_000..<1_020_000).count { gone.take(Self.hash($0)) != nil }
    #expect(mistaken < 3)
  }
}

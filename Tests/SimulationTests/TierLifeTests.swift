import Base
import Foundation
import Testing

/// A tier on pretend disks, killed again and again. SIMULATION_SEED repeats one life, LONG_TESTS=1 lives thousands.
@Suite struct TierLifeTests {
  private static let environment = ProcessInfo.processInfo.environment
  static let isLong = environment["LONG_TESTS"] != nil

  static func seeds(_ short: Int, _ long: Int) -> Range<UInt64> {
    if let only = Lives.only { return only..<only + 1 }
    let first = environment["SIMULATION_FIRST"].flatMap { UInt64($0) } ?? 0
    let count = environment["TIER_SEEDS"].flatMap { UInt64($0) } ?? UInt64(isLong ? long : short)
    return first..<first + count
  }

  @Test("disks without faults lose nothing and bring nothing back", arguments: seeds(12, 700))
  func calm(seed: UInt64) {
    let life = TierLife(seed: seed)
    life.run()
    #expect(life.failure == nil, "seed \(seed): \(life.failure ?? "")")
  }

  @Test("one fault brings nothing back and is no wrong byte", arguments: seeds(8, 700))
  func once(seed: UInt64) {
    let life = TierLife(seed: seed, harm: .once)
    life.run()
    #expect(life.failure == nil, "seed \(seed): \(life.failure ?? "")")
  }

  @Test("no number of faults is a wrong byte", arguments: seeds(8, 700))
  func often(seed: UInt64) {
    let life = TierLife(seed: seed, harm: .often)
    life.run()
    #expect(life.failure == nil, "seed \(seed): \(life.failure ?? "")")
  }
}

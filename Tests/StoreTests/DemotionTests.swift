import Base
import Testing

@testable import Store

/// What eviction hands over.
@Suite struct DemotionTests {
  /// A second tier: takes what memory gives up, and reads it before its pages go.
  private final class Tier: @unchecked Sendable {
    /// Whether it was exact, by its key's number.
    var values: [Int: Bool] = [:]
    var kept: [(number: Int, pin: PinBox)] = []
    private let keepsPins: Bool

    init(keepsPins: Bool) { self.keepsPins = keepsPins }

    func take(_ key: [UInt8], _ pin: consuming Pin) {
      guard let number = Int(String(decoding: key, as: UTF8.self)) else { return }
      values[number] = pin.holds(version: number)
      if keepsPins { kept.append((number, PinBox(pin))) }
    }
  }

  private func store(_ tier: Tier) throws -> Store {
    var configuration = StoreConfiguration(budgetBytes: 4 * mebibyte, leaseSeconds: 0, hashSeed: 42, clientsMax: 64)
    configuration.demote = { tier.take($0, $1) }
    let store = try Store(configuration)
    store.populate()
    return store
  }

  @Test func everyEvictedValueIsHandedOverWhole() throws {
    let tier = Tier(keepsPins: false)
    let store = try store(tier)
    for number in 0..<60 { #expect(store.lane(0).put("\(number)", length: 150_000, version: number, at: 0)) }
    #expect(tier.values.count > 30 && tier.values.values.allSatisfy { $0 })
    #expect(UInt64(tier.values.count) == store.evicted && tier.values.count + store.snapshot().objects == 60)
    store.checkInvariants()
  }

  @Test func whatIsHandedOverStaysWhileItIsKept() throws {
    let tier = Tier(keepsPins: true)
    let store = try store(tier)
    let lane = store.lane(0)
    var number = 0
    // Their room is not free: in the end nothing is left to evict.
    while lane.put("\(number)", length: 150_000, version: number, at: 0) { number += 1 }
    #expect(number > 15 && tier.kept.count > 10 && store.snapshot().pageBytes > 3 * mebibyte)
    for (number, pin) in tier.kept { #expect(pin.holds(version: number)) }
    tier.kept = []
    #expect(lane.put("\(number)", length: 150_000, version: number, at: 0))
    store.checkInvariants()
  }
}

import Base
import Registry
import Testing

/// The registry against a dictionary and a list, in long random sequences.
@Suite struct ModelTests {
  /// With room for all of them no entry is lost, whatever gaps arise and close.
  @Test(arguments: 1...4)
  func everythingStaysWhileThereIsRoom(seed: UInt64) throws {
    let registry = try Registry.make(mebibytes: 4)
    var random = SplitMix64(seed: seed)
    var model: [String: String] = [:]
    for step in 0..<60_000 {
      let key = Self.key(random.pick(0...4000))
      if random.chance(perMille: 250) {
        #expect(registry.remove(key) == (model.removeValue(forKey: key) != nil))
      } else {
        let owner = "10.0.0.\(random.pick(1...50)):8200"
        registry.set(key, owner)
        model[key] = owner
      }
      if step % 5000 == 0 { registry.checkInvariants() }
    }
    registry.checkInvariants()
    let snapshot = registry.snapshot()
    #expect(snapshot.entries == model.count)
    #expect(snapshot.droppedTotal == 0)
    let isSame = (0...4000).allSatisfy { registry.owner(Self.key($0)) == model[Self.key($0)] }
    #expect(isSame)
    #expect(snapshot.ownersByState.reduce(0, +) == Set(model.values).count)
  }

  /// Keys of every length up to some 200 bytes, so that records end anywhere in their segments.
  private static func key(_ number: Int) -> String { "\(number)@" + String(repeating: "k", count: number % 190) }

  /// In one shard the order is exact: the entry confirmed longest ago goes first, and the rest stays in order.
  @Test(arguments: 1...3)
  func theLeastRecentlyConfirmedGoFirst(seed: UInt64) throws {
    let registry = try Registry.make()
    var random = SplitMix64(seed: seed)
    var confirmed: [String: Int] = [:]
    for step in 0..<120_000 {
      // More keys than fit, the lower ones more often.
      let key = engineKey(random.pick(0...random.pick(1...30_000)))
      if random.chance(perMille: 50) {
        registry.remove(key)
        confirmed[key] = nil
      } else {
        registry.set(key, "10.0.0.1:8200")
        confirmed[key] = step
      }
    }
    registry.checkInvariants()
    let kept = registry.keysOldestFirst(shard: 0).map { String(decoding: $0, as: UTF8.self) }
    #expect(kept.count == registry.snapshot().entries)
    #expect(registry.snapshot().droppedTotal > 0, "the budget was too large for this test")
    let newest = confirmed.sorted { $0.value < $1.value }.suffix(kept.count).map(\.key)
    #expect(kept == newest)
  }

  @Test func gapsAreClosedInsteadOfDropping() throws {
    let registry = try Registry.make()
    // Half a budget of entries, confirmed in random order many times over: without a pass the log would overflow.
    for number in 0..<5000 { registry.set(engineKey(number), "10.0.0.1:8200") }
    var random = SplitMix64(seed: 3)
    for _ in 0..<100_000 { registry.set(engineKey(random.pick(0...4999)), "10.0.0.2:8200") }
    registry.checkInvariants()
    let snapshot = registry.snapshot()
    #expect(snapshot.entries == 5000)
    #expect(snapshot.droppedTotal == 0)
    #expect(snapshot.gapBytes < snapshot.liveBytes / 3)
  }
}

import Base
import Registry
import Testing

@Suite struct BudgetTests {
  @Test func theBudgetIsKeptAndSpent() throws {
    let registry = try Registry.make(mebibytes: 8)
    for number in 0..<200_000 { registry.set(engineKey(number), "10.0.0.1:8200") }
    registry.checkInvariants()
    let snapshot = registry.snapshot()
    #expect(snapshot.usedBytes <= snapshot.budgetBytes)
    #expect(snapshot.usedBytes > snapshot.budgetBytes * 9 / 10)
    #expect(snapshot.entries + snapshot.droppedTotal == 200_000)
  }

  @Test func anEntryCostsLittleBesideItsKey() throws {
    let registry = try Registry.make(mebibytes: 64)
    var keyBytes = 0
    for number in 0..<200_000 {
      let key = engineKey(number)
      keyBytes += key.utf8.count
      registry.set(key, "10.0.0.\(number % 200):8200")
    }
    let snapshot = registry.snapshot()
    #expect(snapshot.entries == 200_000)
    #expect((snapshot.usedBytes - keyBytes) / snapshot.entries <= 80)
  }

  /// Space of short entries is reused for long ones, and the other way round.
  @Test func sizesMayChange() throws {
    let registry = try Registry.make()
    for round in 0..<6 {
      let tail = String(repeating: "x", count: round % 2 == 0 ? 4 : 900)
      let count = round % 2 == 0 ? 40_000 : 2000
      for number in 0..<count { registry.set("\(number)@\(tail)", "10.0.0.1:1") }
      registry.checkInvariants()
      let snapshot = registry.snapshot()
      #expect(snapshot.liveBytes > snapshot.budgetBytes * 45 / 100)
      #expect(registry.owner("\(count - 1)@\(tail)") == "10.0.0.1:1")
    }
  }

  @Test func longestAndEmpty() throws {
    let registry = try Registry.make()
    let key = String(repeating: "k", count: Limits.registryKeyBytesMax)
    #expect(registry.set(key, "a:1") == .entered)
    #expect(registry.owner(key) == "a:1")
    #expect(registry.set(key + "k", "a:1") == .keyTooLong)
    #expect(registry.owner(key + "k") == nil)
    let owner = String(repeating: "o", count: Limits.ownerBytesMax)
    #expect(registry.set("k", owner) == .entered)
    #expect(registry.owner("k") == owner)
    #expect(registry.set("k", owner + "o") == .ownerTooLong)
    #expect(registry.owner("k") == owner)
    #expect(registry.set("", "") == .entered)
    #expect(registry.owner("") == "")
    #expect(registry.remove(""))
    registry.checkInvariants()
  }

  @Test func manyThreadsAtOnce() async throws {
    let registry = try Registry.make(mebibytes: 3)
    await withTaskGroup(of: Void.self) { group in
      for worker in 0..<4 {
        group.addTask {
          var random = SplitMix64(seed: UInt64(worker))
          for _ in 0..<20_000 {
            let key = engineKey(random.pick(0...30_000))
            switch random.pick(0...3) {
            case 0: registry.remove(key)
            case 1: if let owner = registry.owner(key) { #expect(owner.hasPrefix("10.0.")) }
            default: registry.set(key, "10.0.\(random.pick(0...255)).\(random.pick(0...255)):8200")
            }
          }
        }
      }
    }
    registry.checkInvariants()
    let owners = registry.snapshot().ownersByState.reduce(0, +)
    #expect(owners <= Limits.ownersMax)
  }
}

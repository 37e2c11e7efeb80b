import Base
import Registry
import Testing

@Suite struct OwnerTests {
  private static let second: UInt64 = 1_000_000_000

  private func check(_ registry: Registry, _ isReachable: Bool, at second: UInt64) -> [OwnerChange] {
    registry.checkableOwners().compactMap {
      registry.note($0, isReachable: isReachable, now: second * Self.second)
    }
  }

  @Test func hiddenAfterThreeFailuresOverTenSecondsAndShownAgain() throws {
    let registry = try Registry.make()
    registry.set("k", "10.0.0.1:8200")
    #expect(check(registry, false, at: 100) == [])
    #expect(check(registry, false, at: 101) == [])
    #expect(check(registry, false, at: 105) == [], "three failures, but too soon")
    #expect(registry.owner("k") == "10.0.0.1:8200")
    #expect(registry.snapshot().owners(.failing) == 1)
    #expect(check(registry, false, at: 110) == [.hidden])
    #expect(registry.finding("k") == .hidden)
    #expect(registry.snapshot().owners(.hidden) == 1)
    #expect(check(registry, false, at: 111) == [])
    #expect(check(registry, true, at: 112) == [.shown])
    #expect(registry.owner("k") == "10.0.0.1:8200")
    #expect(registry.snapshot().owners(.alive) == 1)
  }

  @Test func twoFailuresFarApartAreNoDeath() throws {
    let registry = try Registry.make()
    registry.set("k", "10.0.0.1:8200")
    #expect(check(registry, false, at: 0) == [])
    #expect(check(registry, false, at: 60) == [])
    #expect(check(registry, true, at: 61) == [])
    #expect(check(registry, false, at: 62) == [])
    #expect(check(registry, false, at: 63) == [])
    #expect(registry.owner("k") != nil)
  }

  @Test func onlyOwnersThatAreVouchedForAreChecked() throws {
    let registry = try Registry.make()
    registry.set("a", "10.0.0.1:8200", isVouchedFor: false)
    #expect(registry.checkableOwners().isEmpty)
    #expect(registry.snapshot().owners(.unchecked) == 1)
    registry.set("b", "10.0.0.1:8200")
    #expect(registry.checkableOwners().map { String(decoding: $0.address, as: UTF8.self) } == ["10.0.0.1:8200"])
    registry.remove("a")
    registry.remove("b")
    #expect(registry.checkableOwners().isEmpty, "nothing to show, nothing to check")
  }

  @Test func tooManyOwnersAreRefusedUntilSomeAreIdle() throws {
    let registry = try Registry.make(mebibytes: 4)
    for number in 0..<Limits.ownersMax { #expect(registry.set("\(number)", "h:\(number)") == .entered) }
    #expect(registry.set("new", "h:new") == .tooManyOwners)
    #expect(registry.owner("new") == nil)
    #expect(registry.set("new", "h:7") == .entered, "one that is known is no further owner")
    registry.set("3", "h:4")
    #expect(registry.set("new", "h:new") == .entered, "3 has no entry any more")
    #expect(registry.owner("new") == "h:new")
    for number in 5..<Limits.ownersMax { #expect(registry.owner("\(number)") == "h:\(number)") }
  }

  /// A check that began before a place went to another owner says nothing about the new owner.
  @Test func aLateCheckHitsNobodyElse() throws {
    let registry = try Registry.make(mebibytes: 4)
    registry.set("k", "h:old")
    let old = try #require(registry.checkableOwners().first)
    registry.remove("k")
    for number in 0..<Limits.ownersMax { registry.set("\(number)", "h:\(number)") }
    for second: UInt64 in [0, 10, 20, 30] {
      #expect(registry.note(old, isReachable: false, now: second * Self.second) == nil)
    }
    #expect(registry.snapshot().owners(.hidden) == 0)
  }
}

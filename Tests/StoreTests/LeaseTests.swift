import Base
import Testing

@testable import Store

@Suite struct LeaseTests {
  private let chunk = Limits.pageBytes

  @Test func leasesStopAtTheirShareOfTheBudget() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    for number in 0..<200 { #expect(lane.put("c\(number)", length: chunk, at: 0)) }
    let now = 100 * second
    var burst = TouchBurst()
    let granted = (0..<200).filter { lane.exists("c\($0)", at: now, &burst) }
    let snapshot = store.snapshot()
    let limit = snapshot.budgetBytes / 100 * Limits.leasedPercentMax
    #expect(snapshot.leasedBytes <= limit && snapshot.leasedBytes > limit - 2 * chunk)
    #expect(granted.count == snapshot.leasedBytes / (chunk + Limits.recordBytes))
    #expect(lane.counters.leasesRefused.value == UInt64(200 - granted.count))
    // What holds is prolonged however full the book is.
    for number in granted { #expect(lane.exists("c\(number)", at: now + 10 * second, &burst)) }
    #expect(store.snapshot().leasedBytes == snapshot.leasedBytes)
    // And PUTs still find something to evict.
    for number in 0..<200 { #expect(lane.put("d\(number)", length: chunk, at: now + 39 * second)) }
    for number in granted { #expect(lane.has("c\(number)", at: now + 39 * second)) }
    store.checkInvariants()
    #expect(lane.counters.leasesBroken.value == 0)
  }

  @Test func timeEndsLeases() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    lane.put("a", length: chunk, at: 0)
    lane.put("b", length: chunk, at: 0)
    #expect(store.snapshot().leasedBytes == 2 * (chunk + Limits.recordBytes), "fresh leases")
    var burst = TouchBurst()
    #expect(lane.exists("a", at: 20 * second, &burst))
    #expect(store.snapshot().leasedBytes == chunk + Limits.recordBytes)
    #expect(lane.exists("b", at: 51 * second, &burst))
    #expect(store.snapshot().leasedBytes == chunk + Limits.recordBytes)
    #expect(lane.remove("b"))
    #expect(store.snapshot().leasedBytes == 0)
    // A leap beyond the whole ring.
    #expect(lane.exists("a", at: 100_000 * second, &burst))
    #expect(store.snapshot().leasedBytes == chunk + Limits.recordBytes)
    store.checkInvariants()
  }

  @Test func anOverwriteInheritsTheLease() throws {
    let store = try Store.make(mebibytes: 4)
    let lane = store.lane(0)
    lane.put("a", length: chunk, version: 1, at: 0)
    var burst = TouchBurst()
    #expect(lane.exists("a", at: 0, &burst))
    lane.put("a", length: 2 * chunk, version: 2, at: 0)
    #expect(store.snapshot().leasedBytes == 2 * chunk + Limits.recordBytes)
    for filler in 0..<300 { lane.put("f\(filler)", length: chunk, at: 29 * second) }
    let pin = lane.find("a", at: 29 * second, &burst)!
    let isExact = pin.holds(version: 2)
    #expect(isExact)
    store.checkInvariants()
  }

  @Test func freshLeasesLeaveRoomForAskedOnes() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    for number in 0..<300 { lane.put("c\(number)", length: chunk, at: 0) }
    let snapshot = store.snapshot()
    #expect(snapshot.leasedBytes <= snapshot.budgetBytes / 100 * Limits.freshLeasedPercentMax)
    var burst = TouchBurst()
    #expect(lane.exists("c299", at: 0, &burst))
  }

  @Test func withoutLeasesEverythingMayGo() throws {
    let store = try Store.make(mebibytes: 4, lease: 0)
    let lane = store.lane(0)
    lane.put("a", length: chunk, at: 0)
    var burst = TouchBurst()
    #expect(lane.exists("a", at: 0, &burst))
    #expect(store.snapshot().leasedBytes == 0)
  }
}

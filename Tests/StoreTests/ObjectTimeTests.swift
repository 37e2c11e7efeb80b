import Base
import Testing

@testable import Objects
@testable import Store

/// Deadlines: an expired object is absent to all clients, and is removed.
@Suite struct ObjectTimeTests {
  private let millisecond: UInt64 = 1_000_000
  private let plain = ObjectMeta(format: 1, type: 3, shape: (2, 8, 16, 4))
  private let start = 77 * second + 123_456

  private func lane() throws -> Lane { try Store.make(mebibytes: 8).lane(0) }
  private func until(_ time: UInt64) -> SetOptions { SetOptions(deadline: .at(time)) }

  @Test func aDeadlineEndsAName() throws {
    let lane = try lane()
    lane.set("a", length: 10, until(start + 100 * millisecond), at: start)
    #expect(lane.timeToLive("a", at: start) == .milliseconds(100))
    #expect(lane.timeToLive("a", at: start + 40 * millisecond) == .milliseconds(60))
    #expect(lane.exists(name: "a", at: start + 99 * millisecond))
    #expect(!lane.exists(name: "a", at: start + 100 * millisecond), "a lease does not outlast what the client set")
    #expect(lane.shown("a", at: start + 100 * millisecond) == nil && !lane.has("a", .plain, at: start + second))
    #expect(lane.nameCount() == 0 && lane.vault.promises.book.withLock { $0.bytes } == 0)
    #expect(lane.counters.expired.value == 1)
    lane.vault.checkInvariants()
  }

  @Test func lmDoesNotSeeTheExpired() throws {
    let lane = try lane()
    lane.put("K", length: 2048, meta: plain, at: start)
    lane.put("P", length: 2048, at: start)
    #expect(lane.expire("Kmetadata", atDeadline: start + second, at: start))
    #expect(lane.expire("P", atDeadline: start + second, at: start))
    var burst = TouchBurst()
    #expect(lane.has("K", .withMeta, at: start) && lane.exists("K", .withMeta, at: start, &burst))
    #expect(!lane.has("K", .withMeta, at: start + second) && !lane.exists("K", .withMeta, at: start + second, &burst))
    #expect(!lane.has("P", .plain, at: start + second))
    #expect(lane.shown("Kkv_bytes", at: start + second) == nil)
  }

  @Test func settingEndsOrKeepsTheTime() throws {
    let lane = try lane()
    lane.set("a", length: 10, until(start + 9 * second), at: start)
    lane.set("a", length: 11, SetOptions(deadline: .kept), at: start)
    #expect(lane.timeToLive("a", at: start) == .milliseconds(9000))
    lane.set("a", length: 12, at: start)
    #expect(lane.timeToLive("a", at: start) == .unlimited)
    lane.set("b", length: 12, SetOptions(deadline: .kept), at: start)
    #expect(lane.timeToLive("b", at: start) == .unlimited && lane.timeToLive("c", at: start) == .absent)
    // A SET whose condition fails leaves the time as it is.
    #expect(lane.expire("a", atDeadline: start + 5 * second, at: start))
    #expect(lane.set("a", length: 1, SetOptions(condition: .onlyIfAbsent), at: start) == false)
    #expect(lane.timeToLive("a", at: start) == .milliseconds(5000))
    #expect(lane.persist("a", at: start) && !lane.persist("a", at: start) && !lane.persist("none", at: start))
    #expect(lane.timeToLive("a", at: start) == .unlimited)
  }

  @Test func theHalvesEndTogether() throws {
    let lane = try lane()
    lane.set("Kkv_bytes", length: 2048, until(start + 5 * second), at: start)
    lane.set("Kmetadata", metadata(length: 2048, plain), at: start)
    #expect(lane.timeToLive("Kmetadata", at: start) == .milliseconds(5000), "the sooner one counts")
    lane.set("Kmetadata", metadata(length: 2048, plain), until(start + 3 * second), at: start)
    #expect(lane.timeToLive("Kkv_bytes", at: start) == .milliseconds(3000))
    #expect(lane.persist("K:metadata", at: start) && lane.timeToLive("Kkv_bytes", at: start) == .unlimited)
    lane.set("Lmetadata", metadata(length: 100, plain), until(start + 2 * second), at: start)
    lane.set("Lkv_bytes", length: 100, at: start)
    #expect(lane.timeToLive("Lkv_bytes", at: start) == .milliseconds(2000))
    #expect(lane.nameCount() == 4)
    #expect(lane.shown("Lkv_bytes", at: start + 2 * second) == nil && lane.nameCount() == 2)
  }

  @Test func conditionsOfExpire() throws {
    let lane = try lane()
    lane.set("a", length: 1, at: start)
    func expire(_ seconds: UInt64, _ condition: ExpireCondition) -> Bool {
      lane.expire("a", atDeadline: start + seconds * second, if: condition, at: start)
    }
    #expect(!expire(5, .onlyIfLimited) && !expire(5, .onlyIfLater), "never is later than any time")
    #expect(expire(50, .onlyIfSooner) && !expire(60, .onlyIfUnlimited) && !expire(60, .onlyIfSooner))
    #expect(expire(60, .onlyIfLater) && !expire(60, .onlyIfLater) && expire(40, .onlyIfLimited))
    #expect(lane.timeToLive("a", at: start) == .milliseconds(40_000))
    #expect(!lane.expire("none", atDeadline: start + second, at: start))
    #expect(lane.expire("a", atDeadline: 0, at: start) && lane.shown("a", at: start) == nil)
    lane.set("far", length: 1, until(.max), at: start)
    #expect(lane.exists(name: "far", at: start + 1_000_000 * second))
  }

  @Test(arguments: [1, 3])
  func theSweepFindsWhatNobodyReads(lanes: Int) throws {
    let store = try Store.make(mebibytes: 16, lanes: lanes)
    var random = SplitMix64(seed: 5)
    for number in 0..<3000 {
      let limit = until(start + UInt64(random.pick(1...30)) * second)
      store.lane(0).set("k\(number)", length: 10, number % 3 == 0 ? SetOptions() : limit, at: start)
    }
    var now = start
    for step in 0..<200 {
      now += second / 4
      for lane in 0..<lanes { store.lane(lane).flush(now: now) }
      // Insertions and removals move entries within their tables during the sweep.
      store.lane(0).set("n\(step)", length: 10, step % 2 == 0 ? until(now + second) : SetOptions(), at: now)
      _ = store.lane(0).remove(name: "k\(step * 3)", at: now)
      if step % 40 == 0 { store.checkInvariants() }
    }
    for _ in 0..<40 { for lane in 0..<lanes { store.lane(lane).flush(now: now + 60 * second) } }
    store.checkInvariants()
    #expect(store.lane(0).nameCount() == 1000 - 200 + 100)
    let mayExpire = (0..<Lane.stripeCount).filter { stripe in
      store.lane(0).vault.index.withStripe(stripe) { $0.mayExpire }
    }
    #expect(mayExpire.isEmpty, "nothing is left to look for")
  }
}

import Base
import Testing

@testable import Store

/// The order of last use.
@Suite struct OrderTests {
  private let chunk = Limits.pageBytes

  /// Fills until the given names are evicted; returns the order in which they went.
  private func losses(of names: [String], in lane: Lane, at start: UInt64) -> [String] {
    var left = names
    var lost: [String] = []
    for filler in 0..<2000 where !left.isEmpty {
      lane.put("filler\(filler)", length: chunk, at: start)
      for name in left where !holds(lane, name) {
        lost.append(name)
        left.removeAll { $0 == name }
      }
    }
    return lost
  }

  /// Looks a name up without a touch.
  private func holds(_ lane: Lane, _ name: String) -> Bool {
    var isThere = false
    for stripe in 0..<Lane.stripeCount {
      lane.forEachKey(stripe: stripe, kind: .plain, now: 0) { key in
        isThere = isThere || key.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } == name
      }
    }
    return isThere
  }

  private func names(_ count: Int) -> [String] { (0..<count).map { "c\($0)" } }

  @Test func tailFirstAfterPuts() throws {
    let store = try Store.make(mebibytes: 4, lease: 0)
    let lane = store.lane(0)
    var burst = TouchBurst()
    for name in names(6) { lane.put(name, length: chunk, at: 0, &burst) }
    #expect(losses(of: names(6), in: lane, at: 1) == names(6).reversed())
  }

  @Test func tailFirstAfterExistsThenGets() throws {
    let store = try Store.make(mebibytes: 4, lease: 0)
    let lane = store.lane(0)
    for name in names(6).shuffled() { lane.put(name, length: chunk, at: 0) }
    var burst = TouchBurst()
    for name in names(6) { #expect(lane.exists(name, at: 5, &burst)) }
    for name in names(6) {
      let isFound = lane.find(name, at: 6, &burst) != nil
      #expect(isFound)
    }
    #expect(losses(of: names(6), in: lane, at: 7) == names(6).reversed())
  }

  @Test func tailFirstAfterWalksOfTwoClients() throws {
    let store = try Store.make(mebibytes: 4, lease: 0)
    let lane = store.lane(0)
    for name in names(6) { lane.put(name, length: chunk, at: 0) }
    var bursts = [TouchBurst(), TouchBurst()]
    // The second client looks all up between the first's lookup and its gets.
    for name in names(6) { #expect(lane.exists(name, at: 5, &bursts[0])) }
    for name in names(6) { #expect(lane.exists(name, at: 5, &bursts[1])) }
    for name in names(6) { _ = lane.find(name, at: 6, &bursts[0]) == nil }
    #expect(losses(of: names(6), in: lane, at: 7) == names(6).reversed())
  }

  @Test func aLaterWalkIsMoreRecent() throws {
    let store = try Store.make(mebibytes: 4, lease: 0)
    let lane = store.lane(0)
    var burst = TouchBurst()
    for name in names(4) { lane.put(name, length: chunk, at: 0, &burst) }
    // More than a second later: another walk of the same client.
    #expect(lane.exists("c3", at: 2 * second, &burst))
    #expect(lane.exists("c2", at: 2 * second, &burst))
    #expect(losses(of: names(4), in: lane, at: 3 * second) == ["c1", "c0", "c2", "c3"])
  }

  @Test func aDeadPredecessorDoesNotHoldAChunkBack() throws {
    let store = try Store.make(mebibytes: 4, lease: 0)
    let lane = store.lane(0)
    for name in names(4) { lane.put(name, length: chunk, at: 0) }
    var burst = TouchBurst()
    #expect(lane.exists("c0", at: 5, &burst))
    lane.flush(now: 5)
    #expect(lane.remove("c0"))
    #expect(lane.exists("c1", at: 6, &burst))
    #expect(losses(of: ["c1", "c2", "c3"], in: lane, at: 7) == ["c2", "c3", "c1"])
  }

  @Test func keptKeysGoLast() throws {
    let store = try Store.make(mebibytes: 4, lease: 0)
    let lane = store.lane(0)
    let recovery = "test@1@0@0@bfloat16"
    lane.put(recovery, length: chunk, at: 0)
    lane.put("test@8@0@9f86d081@bfloat16", length: chunk, at: 0)
    lane.put("test@1@0@9f86d081@bfloat16", length: chunk, at: 0)
    for filler in 0..<500 { lane.put("a\(filler)", length: chunk, at: 1) }
    #expect(holds(lane, recovery))
    #expect(!holds(lane, "test@8@0@9f86d081@bfloat16"), "a model may be named test")
    #expect(!holds(lane, "test@1@0@9f86d081@bfloat16"))
    // When nothing else is left, kept ones go too.
    for filler in 0..<500 { #expect(lane.put("test@1@0@0@\(filler)", length: chunk, at: 2)) }
    #expect(!holds(lane, recovery))
    store.checkInvariants()
  }

  @Test func leasedAndPinnedStay() throws {
    let store = try Store.make(mebibytes: 4, lease: 30)
    let lane = store.lane(0)
    lane.put("pinned", length: chunk, version: 1, at: 0)
    lane.put("leased", length: chunk, version: 2, at: 0)
    var burst = TouchBurst()
    let pin = lane.find("pinned", at: 0, &burst)!
    let later = 20 * second
    #expect(lane.exists("leased", at: later, &burst))
    for filler in 0..<500 { lane.put("f\(filler)", length: chunk, at: later + UInt64(filler) * second / 100) }
    #expect(holds(lane, "pinned") && holds(lane, "leased"))
    let isExact = pin.holds(version: 1)
    #expect(isExact)
    // A lease ends by time.
    for filler in 0..<500 { lane.put("g\(filler)", length: chunk, at: later + 31 * second) }
    #expect(!holds(lane, "leased") && holds(lane, "pinned"))
    _ = consume pin
  }
}

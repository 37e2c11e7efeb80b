import Base
import Testing

@testable import Store

/// The parts of a chunk that belong to several ranks go together, where the policy that learns chooses.
@Suite struct SisterTests {
  private let chunk = Limits.unitBytes
  private let ranks = 4

  private func key(_ rank: Int, _ name: String) -> String { "model@\(ranks)@\(rank)@\(name)@bfloat16" }
  private func keys(_ name: String) -> [String] { (0..<ranks).map { key($0, name) } }

  /// A client with a connection for each rank, and one for look-ups.
  private func bursts() -> [TouchBurst] {
    (0...ranks).map { TouchBurst(asker: Asker(identity: 1, connection: $0 + 1)) }
  }

  /// A chunk that is looked for and not there, so that it is a prompt.
  private func put(_ name: String, at now: UInt64, _ lane: Lane, _ bursts: inout [TouchBurst]) {
    _ = lane.exists(key(0, name), at: now, &bursts[ranks])
    for (rank, key) in keys(name).enumerated() { lane.put(key, length: chunk, at: now, &bursts[rank]) }
  }

  private func count(_ name: String, _ lane: Lane) -> Int { keys(name).count { lane.isStored($0) } }

  /// How many parts are left of each chunk, after more were stored than fit.
  private func left(_ policy: EvictionPolicy) throws -> [Int] {
    let store = try Store.make(mebibytes: 4, lease: 0, policy: policy)
    let lane = store.lane(0)
    var bursts = bursts()
    for number in 0..<350 { put("c\(number)", at: UInt64(number) * second, lane, &bursts) }
    store.checkInvariants()
    return (0..<350).map { count("c\($0)", lane) }
  }

  @Test func theyGoTogether() throws {
    let left = try left(.returns)
    #expect(left.count { $0 == 0 } > 50)
    // The last one may have had to go for its own next part.
    #expect(left.count { $0 != 0 && $0 != ranks } <= 1, "\(left)")
  }

  /// The order of last use has no such idea: it is each part's turn.
  @Test func theOrderOfLastUseTakesOneAtATime() throws {
    let store = try Store.make(mebibytes: 4, lease: 0, policy: .lru)
    let lane = store.lane(0)
    var bursts = bursts()
    for number in 0..<100 { put("c\(number)", at: UInt64(number) * second, lane, &bursts) }
    // The parts of one rank are used, of all chunks.
    for number in 0..<100 {
      let isFound = lane.find(key(0, "c\(number)"), at: 200 * second, &bursts[0]) != nil
      #expect(isFound)
    }
    for number in 100..<350 where (0..<100).contains(where: { count("c\($0)", lane) == ranks }) {
      put("c\(number)", at: UInt64(number + 200) * second, lane, &bursts)
    }
    #expect((0..<100).allSatisfy { lane.isStored(key(0, "c\($0)")) })
    #expect((0..<100).count { count("c\($0)", lane) == 1 } > 50)
    store.checkInvariants()
  }

  /// One of them is held, in one way or another: it would be of no use without the others.
  @Test(arguments: 0..<4)
  func whereOneIsReadNoneGoes(rank: Int) throws {
    let store = try Store.make(mebibytes: 4, lease: 0, policy: .returns)
    let lane = store.lane(0)
    var bursts = bursts()
    for number in 0..<20 { put("c\(number)", at: 0, lane, &bursts) }
    var other = TouchBurst(asker: Asker(identity: 9, connection: 9))
    let pin = lane.find(key(rank, "c3"), at: second, &other)!
    for number in 20..<350 { put("c\(number)", at: UInt64(number) * second, lane, &bursts) }
    #expect(count("c3", lane) == ranks)
    #expect(count("c2", lane) == 0 && count("c4", lane) == 0)
    let length = pin.length
    #expect(length == chunk)
    _ = consume pin
    for number in 350..<700 { put("c\(number)", at: UInt64(number) * second, lane, &bursts) }
    #expect(count("c3", lane) == 0, "they go once it is read")
    store.checkInvariants()
  }

  @Test func whereOneIsPromisedNoneGoes() throws {
    let store = try Store.make(mebibytes: 4, lease: 30, policy: .returns)
    let lane = store.lane(0)
    var bursts = bursts()
    for number in 0..<20 { put("c\(number)", at: 0, lane, &bursts) }
    var other = TouchBurst(asker: Asker(identity: 9, connection: 9))
    // All are promised; all but one are fetched.
    #expect(lane.exists(key(0, "c3"), at: second, &other))
    for rank in 0..<3 {
      let isFound = lane.find(key(rank, "c3"), at: second, &other) != nil
      #expect(isFound)
    }
    for number in 20..<350 { put("c\(number)", at: 2 * second, lane, &bursts) }
    #expect(count("c3", lane) == ranks)
    #expect(count("c2", lane) == 0 && count("c4", lane) == 0)
    for number in 350..<700 { put("c\(number)", at: 100 * second + UInt64(number) * second, lane, &bursts) }
    #expect(count("c3", lane) == 0 && lane.counters.leasesBroken.value == 0)
    store.checkInvariants()
  }

  /// Others see each of them go.
  @Test func eachIsCounted() throws {
    let store = try Store.make(mebibytes: 4, lease: 0, policy: .returns)
    let lane = store.lane(0)
    var bursts = bursts()
    var stored = 0
    for number in 0..<350 {
      put("c\(number)", at: UInt64(number) * second, lane, &bursts)
      stored += ranks
    }
    let evicted = EvictionReason.allCases.reduce(0) { $0 + Int(store.evicted(for: $1)) }
    #expect(evicted > 0 && evicted + store.snapshot(now: 350 * second).objects == stored)
    store.checkInvariants()
  }
}

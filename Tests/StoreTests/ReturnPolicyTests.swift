import Base
import Testing

@testable import Store

/// The policy that learns, in the store.
@Suite struct ReturnPolicyTests {
  private let chunk = Limits.unitBytes

  /// Asks for a prompt up to the first chunk that is missing, fetches what is there, stores the rest. How many were there.
  private func serve(_ prompt: [String], on lane: Lane, at now: UInt64, _ burst: inout TouchBurst) -> Int {
    let here = prompt.firstIndex { !lane.exists($0, at: now, &burst) } ?? prompt.count
    for name in prompt[..<here] {
      let isThere = lane.find(name, at: now, &burst) != nil
      #expect(isThere)
    }
    for name in prompt[here...] { lane.put(name, length: chunk, at: now, &burst) }
    return here
  }

  private func document(_ number: Int) -> [String] { (0..<20).map { "document \(number) \($0)" } }

  /// Documents that are asked about again and again, beside prompts that never come again, twice as many.
  private func hits(_ policy: EvictionPolicy, nanosecondsPerRequest: UInt64) throws -> Int {
    let store = try Store.make(mebibytes: 8, lease: 30, policy: policy)
    let lane = store.lane(0)
    var burst = TouchBurst()
    var random = SplitMix64(seed: 3)
    var (hits, now) = (0, 1000 * second)
    for request in 0..<6000 {
      now += nanosecondsPerRequest
      if request % 50 == 0 { lane.flush(now: now) }
      if request % 3 == 0 {
        hits += serve(document(random.pick(0...60)), on: lane, at: now, &burst)
      } else {
        hits += serve((0..<20).map { "once \(request) \($0)" }, on: lane, at: now, &burst)
      }
    }
    store.checkInvariants()
    #expect(lane.counters.leasesBroken.value == 0)
    return hits
  }

  /// Also where all comes so fast that everything was used just now.
  @Test(arguments: [second, 1000])
  func whatReturnsStays(nanosecondsPerRequest: UInt64) throws {
    let lru = try hits(.lru, nanosecondsPerRequest: nanosecondsPerRequest)
    let returns = try hits(.returns, nanosecondsPerRequest: nanosecondsPerRequest)
    #expect(returns * 2 > lru * 3, "\(returns) and \(lru)")
  }

  /// What another process had learnt may be found when prompts are watched here already.
  @Test func knowledgeMayComeLate() throws {
    var configuration = StoreConfiguration(budgetBytes: 8 * mebibyte, leaseSeconds: 30, hashSeed: 7)
    configuration.policy = .returns
    let knowledge = try #require(try Store(configuration).knowledge)
    let store = try Store.make(mebibytes: 8, policy: .returns)
    var burst = TouchBurst()
    for request in 0..<200 {
      let now = UInt64(1000 + 20 * request) * second
      if request == 100 { store.adopt(knowledge) }
      #expect(serve(document(request % 20), on: store.lane(0), at: now, &burst) == (request < 20 ? 0 : 20))
      store.lane(0).flush(now: now)
    }
    store.checkInvariants()
  }

  /// What was told holds with every policy.
  @Test func whatIsPromisedStays() throws {
    let store = try Store.make(mebibytes: 4, lease: 30, policy: .returns)
    let lane = store.lane(0)
    var (asker, writer) = (TouchBurst(), TouchBurst())
    let names = (0..<40).map { "c\($0)" }
    for name in names { lane.put(name, length: chunk, at: 0, &writer) }
    for name in names { #expect(lane.exists(name, at: second, &asker)) }
    for filler in 0..<3000 { lane.put("filler \(filler)", length: chunk, at: 2 * second, &writer) }
    for name in names { #expect(lane.has(name, at: 3 * second)) }
    #expect(lane.counters.leasesBroken.value == 0)
    store.checkInvariants()
  }

  /// A client that stores a few values and looks for them, again and again: they are no prefix of those that it stores next.
  @Test(arguments: [0, second / 100, second])
  func whatWasStoredLastIsThereToBeLookedUp(pause: UInt64) throws {
    let store = try Store.make(mebibytes: 4, lease: 0, policy: .returns)
    let lane = store.lane(0)
    var burst = TouchBurst()
    var now: UInt64 = 0
    for batch in 0..<1000 {
      let names = (0..<4).map { "c\(batch) \($0)" }
      for name in names {
        now += pause
        lane.put(name, length: Limits.pageBytes, at: now, &burst)
      }
      for name in names { #expect(lane.exists(name, at: now, &burst)) }
      lane.flush(now: now)
    }
    store.checkInvariants()
  }

  /// A client that stores without a look-up, or looks up nothing but what it has just stored: what it stores is no prompt, and the
  /// newest does not go for what comes next.
  @Test(arguments: [false, true], [0, second / 100, second])
  func aStreamWithoutAnEndLosesItsOldest(looksUp: Bool, pause: UInt64) throws {
    let store = try Store.make(mebibytes: 4, lease: 0, policy: .returns)
    let lane = store.lane(0)
    var burst = TouchBurst()
    for number in 0..<2000 {
      let now = UInt64(number) * pause
      lane.put("c\(number)", length: Limits.pageBytes, at: now, &burst)
      if looksUp { #expect(lane.exists("c\(number)", at: now, &burst)) }
      for back in 0..<4 where number > 4 { #expect(lane.isStored("c\(number - back)")) }
      if number % 7 == 0 { lane.flush(now: now) }
    }
    #expect(!lane.isStored("c0"))
    store.checkInvariants()
  }

  @Test func aPrefixGoesFromItsTail() throws {
    let store = try Store.make(mebibytes: 4, lease: 0, policy: .returns)
    let lane = store.lane(0)
    var burst = TouchBurst()
    _ = serve((0..<30).map { "c\($0)" }, on: lane, at: 0, &burst)
    for filler in 0..<20_000 {
      var other = TouchBurst()
      lane.put("filler \(filler)", length: chunk, at: UInt64(filler) * second / 10, &other)
      guard filler % 20 == 0 else { continue }
      let there = (0..<30).filter { lane.isStored("c\($0)") }
      #expect(there == Array(0..<there.count), "a chunk without those before it is of no use")
    }
    #expect(!lane.isStored("c0"))
  }
}

extension Lane {
  /// Without a touch.
  func isStored(_ name: String) -> Bool {
    Array(name.utf8).withUnsafeBytes { key in
      let hash = vault.hash(key)
      return vault.index.withStripe(of: hash) { table in table.find(hash) { vault.holds($0, hash, key) } != nil }
    }
  }
}

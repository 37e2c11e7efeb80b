import Base
import Testing

@testable import Store

/// Random askers, fetchers and writers, and a model of the right answers.
@Suite struct PromiseModelTests {
  @Test(arguments: 1...10)
  func randomClients(seed: Int) throws {
    let model = try Model(seed: UInt64(seed))
    for _ in 0..<3000 { model.step() }
    model.finish()
  }

  private final class Model {
    /// The state of a key.
    private struct Told {
      /// Clients that asked and have not fetched, with the walk of the last ask.
      var waiting: Set<Int> = []
      var firstAsked: UInt32?
      var through: UInt32 = 0
      /// One of them has fetched, others have not.
      var hasFetch = false
      var version = 0
    }

    private static let lease: UInt32 = 30
    private static let least: UInt32 = 5
    private let store: Store
    private let lane: Lane
    private var random: SplitMix64
    private var now: UInt64 = 1_000_000_000_000
    private var keys = [Told](repeating: Told(), count: 24)
    private var bursts: [TouchBurst] = []
    private var versions = 0
    private var (yes, no, dropped, fetched) = (0, 0, 0, 0)
    /// Misses after a yes that held nothing: only the order kept the chunk.
    private var excused = 0
    /// When each client last stored something.
    private var wrote: [UInt32]

    init(seed: UInt64) throws {
      store = try Store.make(mebibytes: 8)
      lane = store.lane(0)
      random = SplitMix64(seed: seed)
      var identity: UInt64 = 0
      while bursts.count < 3 {
        identity += 1
        let asker = Asker(identity: identity, connection: bursts.count)
        if !bursts.contains(where: { $0.asker.bit == asker.bit }) { bursts.append(TouchBurst(asker: asker)) }
      }
      wrote = [UInt32](repeating: 0, count: bursts.count)
    }

    private var second: UInt32 { Vault.second(now) }

    func step() {
      now += UInt64(random.pick(0...100)) * 1_000_000
      if random.chance(perMille: 10) { now += UInt64(random.pick(1...40)) * StoreTests.second }
      let (client, key) = (random.pick(0...bursts.count - 1), random.pick(0...keys.count - 1))
      switch random.pick(0...9) {
      case 0...3: ask(client, key)
      case 4...6: fetch(client, key)
      case 7...8: put(client, key)
      default: if random.chance(perMille: 100) { remove(key) } else { put(client, random.pick(0...3)) }
      }
      for key in keys.indices where isHeld(key) { #expect(isThere(key), "key \(key) is promised") }
      store.checkInvariants()
    }

    func finish() {
      #expect(yes > 200 && fetched > 200 && dropped > 0, "\(yes) \(no) \(fetched) \(dropped)")
      #expect(lane.counters.leasesBroken.value <= excused)
    }

    /// At least so long; while others of its walk are fetched it may be held longer.
    private func isHeld(_ key: Int) -> Bool {
      guard let first = keys[key].firstAsked else { return false }
      return min(keys[key].through, first + Self.lease) >= second
    }

    private func isThere(_ key: Int) -> Bool {
      var found = false
      for stripe in 0..<Lane.stripeCount {
        lane.forEachKey(stripe: stripe, kind: .plain, now: 0) { name in
          found = found || name.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } == "k\(key)"
        }
      }
      return found
    }

    private func ask(_ client: Int, _ key: Int) {
      let isHere = isThere(key)
      if keys[key].through < second {
        // Clients that did not fetch in time are forgotten.
        keys[key].waiting = []
        if keys[key].hasFetch { (keys[key].firstAsked, keys[key].hasFetch) = (nil, false) }
      }
      let mayBegin = keys[key].firstAsked.map { second + Self.least <= $0 + Self.lease } ?? true
      guard lane.exists("k\(key)", at: now, &bursts[client]) else {
        no += 1
        let isAlone = wrote.indices.allSatisfy { $0 == client || wrote[$0] == 0 }
        #expect(!isHere || !mayBegin && !isAlone, "what is here is a hit: key \(key)")
        // Another client may still fetch it.
        if !isHere { keys[key] = Told(through: keys[key].through) }
        return
      }
      yes += 1
      #expect(isHere)
      if keys[key].firstAsked == nil { keys[key].firstAsked = second }
      keys[key].through = max(keys[key].through, second + Self.least)
      keys[key].waiting.insert(client)
    }

    private func fetch(_ client: Int, _ key: Int) {
      guard let pin = lane.find("k\(key)", at: now, &bursts[client]) else {
        #expect(!isHeld(key), "key \(key) was promised")
        if keys[key].through >= second { excused += 1 }
        keys[key] = Told()
        return
      }
      fetched += 1
      let isExact = pin.holds(version: keys[key].version)
      #expect(isExact)
      let wasWaiting = keys[key].waiting.remove(client) != nil
      if !wasWaiting || keys[key].waiting.isEmpty {
        (keys[key].waiting, keys[key].firstAsked, keys[key].hasFetch) = ([], nil, false)
      } else {
        (keys[key].firstAsked, keys[key].hasFetch) = (second, true)
      }
    }

    private func put(_ client: Int, _ key: Int) {
      let length = [1000, 300_000, 700_000, 1_500_000].randomElement(using: &random)!
      versions += 1
      let overwrites = lane.counters.overwrites.value
      if lane.put("k\(key)", length: length, version: versions, at: now, &bursts[client]) {
        wrote[client] = second
        // The value to be replaced may be gone by now.
        if lane.counters.overwrites.value == overwrites { keys[key] = Told() }
        keys[key].version = versions
      } else {
        dropped += 1
        if !isThere(key) {
          #expect(!isHeld(key), "a failed overwrite leaves what is promised: key \(key)")
          keys[key] = Told()
        }
      }
    }

    private func remove(_ key: Int) {
      _ = lane.remove("k\(key)")
      keys[key] = Told()
    }
  }
}

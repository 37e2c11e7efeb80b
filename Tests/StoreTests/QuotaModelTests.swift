import Base
import Testing

@testable import Store

/// Quotas in long random sequences with readers, look-ups and bodies that are cut off, in a store that is too small besides.
@Suite struct QuotaModelTests {
  private final class Arrival {
    private var reservation: Reservation?
    let key: String
    let length: Int
    let version: Int

    init(_ reservation: consuming Reservation, _ key: String, _ length: Int, _ version: Int) {
      self.reservation = consume reservation
      (self.key, self.length, self.version) = (key, length, version)
    }

    func take() -> Reservation { reservation.take()! }

    /// False when it is to be dropped.
    func extend(to end: Int, now: UInt64) -> Extension {
      var taken = take()
      let answer = taken.extend(to: end, now: now)
      if answer == .ready { taken.write(version: version, until: end, now: now) }
      reservation = consume taken
      return answer
    }
  }

  private final class Reader {
    private var pin: Pin?
    init(_ pin: consuming Pin) { self.pin = consume pin }
    func end(version: Int) -> Bool { pin.take()!.holds(version: version) }
  }

  private static let models = ["a", "b", "c"]

  @Test(arguments: 1...8) func quotasHoldAtEveryStep(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    var configuration = StoreConfiguration(
      budgetBytes: (seed % 2 == 0 ? 12 : 24) * mebibyte, leaseSeconds: 30, hashSeed: 42, clientsMax: 64)
    configuration.policy = seed % 4 < 2 ? .lru : .returns
    configuration.quotas = [
      Quota(.model("a"), bytes: 3 * mebibyte), Quota(.tag(name: "t", value: "x"), bytes: 1_300_000),
    ]
    let store = try Store(configuration)
    store.populate()
    let lane = store.lane(0)
    var now = second
    var values: [String: Int] = [:]
    var promised: [String: UInt64] = [:]
    var arrivals: [Arrival] = []
    var readers: [(Reader, Int)] = []
    var burst = TouchBurst()
    for version in 0..<1200 {
      now += UInt64(random.pick(0...60)) * 1_000_000
      let key =
        "\(Self.models[random.pick(0...2)])@1@0@\(random.pick(0...11))@half"
        + (random.chance(perMille: 300) ? "@t%x" : "")
      switch random.pick(0...9) {
      case 0...2 where arrivals.count < 6:
        let length = random.pick(1...(random.chance(perMille: 100) ? 3_400_000 : 700_000))
        if let reservation = lane.begin(key, length: length, at: now) {
          arrivals.append(Arrival(reservation, key, length, version))
        }
      case 0...5 where !arrivals.isEmpty:
        let place = random.pick(0...arrivals.count - 1)
        let arrival = arrivals[place]
        let answer = arrival.extend(to: random.chance(perMille: 700) ? arrival.length : arrival.length / 2, now: now)
        if random.chance(perMille: 50) {
          let reservation = arrivals.remove(at: place).take()
          reservation.abandon(.connectionLost)
        } else if case .drop(let reason) = answer {
          let reservation = arrivals.remove(at: place).take()
          reservation.abandon(reason)
          promised[arrival.key] = nil
          values[arrival.key] = nil
        } else if answer == .ready {
          let reservation = arrivals.remove(at: place).take()
          guard reservation.received == arrival.length else {
            reservation.abandon(.silent)
            values[arrival.key] = nil
            promised[arrival.key] = nil
            break
          }
          reservation.publish(now: now, burst: &burst)
          values[arrival.key] = arrival.version
        }
      case 6:
        if lane.exists(key, at: now, &burst) {
          #expect(values[key] != nil || arrivals.count >= 0)
          promised[key] = now + 4 * second
        }
      case 7, 8:
        let until = promised.removeValue(forKey: key) ?? 0
        guard let pin = lane.find(key, at: now, &burst) else {
          #expect(until < now, "what is promised is there: \(key)")
          break
        }
        if let stored = values[key], readers.count < 4 {
          let isWhole = pin.holds(version: stored)
          #expect(isWhole)
          readers.append((Reader(pin), stored))
        }
      default:
        if !readers.isEmpty {
          let (reader, stored) = readers.remove(at: random.pick(0...readers.count - 1))
          #expect(reader.end(version: stored))
        }
        store.populate()
      }
      store.checkInvariants()
    }
    #expect(store.quotas.allSatisfy { $0.evicted + $0.dropped > 5 }, "quotas had something to do: \(store.quotas)")
    #expect(lane.counters.leasesBroken.value == 0)
    arrivals.removeAll()
    for (reader, stored) in readers { #expect(reader.end(version: stored)) }
    for stripe in 0..<Lane.stripeCount { lane.removeAll(stripe: stripe) }
    store.checkInvariants()
    #expect(store.quotas.allSatisfy { $0.bytes == 0 && $0.chunks == 0 })
  }
}

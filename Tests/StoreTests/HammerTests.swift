import Base
import Foundation
import Synchronization
import Testing

@testable import Store

/// Four threads, a lane each, on the same few keys in a small budget. A value found is always one whole version.
@Suite struct HammerTests {
  @Test func fourLanes() throws {
    let store = try Store.make(mebibytes: 16, lanes: 4, lease: 30, clients: 64, populated: false)
    let failures = Atomic<Int>(0)
    let helper = Thread { while store.waitForPopulationWork() { store.populate() } }
    helper.start()
    store.populate()
    DispatchQueue.concurrentPerform(iterations: 4) { number in
      var worker = Worker(lane: store.lane(number), seed: UInt64(number + 1))
      for _ in 0..<4000 { worker.step() }
      worker.lane.flush(now: worker.now)
      failures.add(worker.failures, ordering: .relaxed)
    }
    store.stopPopulation()
    store.checkInvariants()
    #expect(failures.load(ordering: .relaxed) == 0)
    let snapshot = store.snapshot()
    #expect(snapshot.usedBytesHighWater <= snapshot.budgetBytes)
    #expect(snapshot.inFlightBodies == 0)
    let published = (0..<4).reduce(0) { $0 + store.lane($1).counters.published.value }
    let hits = (0..<4).reduce(0) { $0 + store.lane($1).counters.hits.value }
    print("measured: \(published) published and \(hits) hits by four lanes")
    #expect(published > 500 && hits > 500)
    #expect((0..<4).allSatisfy { store.lane($0).counters.leasesBroken.value == 0 })
  }

  /// The same while the budget goes up and down and housekeeping runs.
  @Test func fourLanesAndABudgetThatChanges() throws {
    let store = try Store.make(mebibytes: 16, reach: 32, lanes: 4, lease: 30, clients: 64, populated: false)
    let failures = Atomic<Int>(0)
    let running = Atomic<Int>(4)
    let latest = Atomic<UInt64>(0)
    let helper = Thread { while store.waitForPopulationWork() { store.populate() } }
    helper.start()
    DispatchQueue.concurrentPerform(iterations: 5) { number in
      guard number > 0 else {
        var random = SplitMix64(seed: 99)
        while running.load(ordering: .relaxed) > 0 {
          store.resize(budgetBytes: random.pick(6...32) * mebibyte, now: latest.load(ordering: .relaxed))
          store.keepWithinBudget(now: latest.load(ordering: .relaxed))
          usleep(500)
        }
        return
      }
      var worker = Worker(lane: store.lane(number - 1), seed: UInt64(number))
      for _ in 0..<4000 {
        worker.step()
        latest.max(worker.now, ordering: .relaxed)
      }
      worker.lane.flush(now: worker.now)
      failures.add(worker.failures, ordering: .relaxed)
      running.subtract(1, ordering: .relaxed)
    }
    store.stopPopulation()
    while !helper.isFinished { usleep(100) }
    #expect(failures.load(ordering: .relaxed) == 0)
    // All leases are over.
    store.resize(budgetBytes: 16 * mebibyte, now: latest.load(ordering: .relaxed) + 60 * second)
    store.populate()
    store.checkInvariants()
    let snapshot = store.snapshot()
    #expect(snapshot.usedBytes <= snapshot.budgetBytes)
    let populatedAndOthers = snapshot.populatedBytes + snapshot.usedBytes - snapshot.pageBytes
    // Withdrawing less than this is not worth breaking huge pages.
    #expect(populatedAndOthers < snapshot.budgetBytes + Limits.withdrawBytesMin)
    #expect(snapshot.usedBytesHighWater <= 32 * mebibyte && snapshot.inFlightBodies == 0)
    #expect((0..<4).allSatisfy { store.lane($0).counters.leasesBroken.value == 0 })
    let hits = (0..<4).reduce(0) { $0 + store.lane($1).counters.hits.value }
    print("measured: \(hits) hits by four lanes under a budget that changes")
    #expect(hits > 500)
  }

  private struct Worker {
    let lane: Lane
    var random: SplitMix64
    var now: UInt64 = 0
    var failures = 0
    var burst: TouchBurst

    init(lane: Lane, seed: UInt64) {
      self.lane = lane
      burst = TouchBurst(asker: Asker(identity: seed, connection: Int(seed)))
      random = SplitMix64(seed: seed)
    }

    mutating func step() {
      now += 2_000_000
      let number = random.pick(0...39)
      // The length identifies the version, so any reader can check that the bytes belong together.
      switch random.pick(0...9) {
      case 0...3:
        let length = random.pick(1...600_000)
        put("k\(number)", length)
      case 4...6:
        guard let pin = lane.find("k\(number)", at: now, &burst) else { return }
        if !pin.holds(version: pin.length, from: pin.length / 2) { failures += 1 }
      case 7...8:
        guard lane.exists("k\(number)", at: now, &burst) else { return }
      default: _ = lane.remove("k\(number)")
      }
    }

    private mutating func put(_ key: String, _ length: Int) {
      guard var reservation = lane.begin(key, length: length, at: now) else { return }
      while reservation.received < length {
        let end = min(length, reservation.received + 100_000)
        switch reservation.extend(to: end, now: now) {
        case .ready: reservation.write(version: length, until: end, now: now)
        case .wait:
          now += 1_000_000
          usleep(100)
          if reservation.isCondemned { return reservation.abandon(.condemned) }
        case .drop(let reason): return reservation.abandon(reason)
        }
      }
      reservation.publish(now: now, burst: &burst)
    }
  }
}

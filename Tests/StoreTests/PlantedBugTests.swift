#if DEBUG
  import Base
  import Testing

  @testable import Store

  /// The bugs planted for the simulator are visible from outside.
  @Suite struct PlantedBugTests {
    private func store(_ bug: PlantedBug?) throws -> Store {
      var configuration = StoreConfiguration(budgetBytes: 8 * mebibyte, hashSeed: 1, clientsMax: 64)
      configuration.plantedBug = bug
      let store = try Store(configuration)
      store.populate()
      return store
    }

    @Test func earlyPublishingShows() throws {
      for bug in [nil, PlantedBug.publishEarly] {
        let lane = try store(bug).lane(0)
        var reservation = lane.begin("a", length: 100_000, at: 0)!
        #expect(reservation.extend(to: 50_000, now: 0) == .ready)
        #expect(lane.has("a", at: 0) == (bug != nil))
        #expect(reservation.extend(to: 100_000, now: 0) == .ready)
        reservation.write(version: 1, until: 100_000, now: 0)
        var burst = TouchBurst()
        reservation.publish(now: 0, burst: &burst)
        #expect(lane.has("a", at: 0))
      }
    }

    @Test func reuseUnderAPinShows() throws {
      for bug in [nil, PlantedBug.reuseUnderPin] {
        let lane = try store(bug).lane(0)
        lane.put("a", length: 300_000, version: 1, at: 0)
        var burst = TouchBurst()
        let pin = lane.find("a", at: 0, &burst)!
        for version in 2...4 { lane.put("a", length: 300_000, version: version, at: 0) }
        let isExact = pin.holds(version: 1)
        #expect(isExact == (bug == nil))
      }
    }

    /// The metric that must stay 0 can rise.
    @Test func brokenPromisesAreCounted() throws {
      for bug in [nil, PlantedBug.breakPromises] {
        let lane = try store(bug).lane(0)
        lane.set("K", length: 300_000, version: 1, at: 0)
        let now = 100 * second
        #expect(lane.exists(name: "K", at: now))
        for number in 0..<60 { lane.set("other\(number)", length: 300_000, at: now + 5 * second) }
        #expect(lane.shows("K", version: 1, at: now + 5 * second) == (bug == nil))
        #expect((lane.counters.leasesBroken.value > 0) == (bug != nil))
      }
    }
  }
#endif

import Base
import Testing

@testable import Store

/// Waiting for blocks that get new memory, and a system that has none.
@Suite(.serialized) struct RenewalTests {
  private func lend(_ key: String, in lane: Lane) {
    var burst = TouchBurst()
    #expect(lane.find(key, at: 0, &burst)?.lend(from: 0, min: 1, max: .max) == 2 * mebibyte)
  }

  /// A store whose pages are all in use: by large values, of which `lent` were lent, and small ones.
  private func fullStore(lent: Range<Int>) throws -> Store {
    let store = try Store.make(mebibytes: 64, lease: 0, populated: false)
    // The next records have room beside the pages.
    let recordBytes = 200 * Limits.recordBytes
    #expect(store.charge(recordBytes))
    store.populate()
    store.discharge(recordBytes)
    let lane = store.lane(0)
    for number in 0..<28 { lane.put("c\(number)", length: 2 * mebibyte, at: 0) }
    for number in lent { lend("c\(number)", in: lane) }
    var number = 0
    while lane.vault.ledger.withLock({ $0.pages.hasReadyPage }) {
      lane.put("s\(number)", length: Limits.pageBytes, at: 0)
      number += 1
    }
    #expect(lane.has("c0", at: 0), "nothing had to go")
    return store
  }

  /// The helper has the only stale block in hands, or rests because the system refused memory.
  @Test(arguments: [false, true])
  func nothingGoesWhileABlockIsBeingRenewed(isRefused: Bool) throws {
    let store = try fullStore(lent: 27..<28)
    let lane = store.lane(0)
    #expect(lane.remove("c27"))
    let block = lane.vault.ledger.withLock { ledger in
      if isRefused { ledger.pages.pausePopulation() }
      return isRefused ? nil : ledger.pages.takeStale()
    }
    let objects = store.snapshot().objects
    var body = lane.begin("new", length: 100_000, at: 0)!
    #expect(body.extend(to: 100_000, now: 0) == .wait)
    #expect(store.snapshot().objects == objects)
    if let block { lane.vault.ledger.withLock { $0.pages.didRenew(block) } }
    store.keepWithinBudget(now: 0)
    store.populate()
    #expect(body.extend(to: 100_000, now: 1) == .ready)
    body.abandon(.connectionLost)
    store.checkInvariants()
  }

  #if DEBUG
    private func refuse(_ isRefused: Bool, _ store: Store) {
      store.lane(0).vault.population.withLock { $0.isRefused = isRefused }
    }

    @Test func aRefusedRenewalDoesNotEndPopulation() throws {
      let store = try Store.make(mebibytes: 256, lease: 0)
      let lane = store.lane(0)
      let ahead = store.snapshot().populatedBytes
      try #require(ahead < 140 * mebibyte, "there is more to populate")
      lane.put("a", length: 2 * mebibyte, at: 0)
      lend("a", in: lane)
      #expect(lane.remove("a"))
      refuse(true, store)
      store.populate()
      store.checkInvariants()
      #expect(lane.vault.ledger.withLock { $0.pages.staleCount == 0 && $0.pages.absentCount == 32 })
      refuse(false, store)
      for number in 0..<100 {
        store.keepWithinBudget(now: 0)
        lane.put("c\(number)", length: 2 * mebibyte, at: 0)
      }
      #expect(store.snapshot().objects == 100 && store.snapshot().populatedBytes > ahead + 32 * mebibyte)
      store.checkInvariants()
    }

    /// The refusal does not cap the store either: the system may have memory again.
    @Test func aRefusedBeginningDoesNotEndPopulation() throws {
      let store = try Store.make(mebibytes: 64, lease: 0, populated: false)
      let lane = store.lane(0)
      refuse(true, store)
      store.populate()
      #expect(store.snapshot().populatedBytes == 0)
      #expect(!lane.put("a", length: mebibyte, at: 0))
      refuse(false, store)
      store.keepWithinBudget(now: 0)
      for number in 0..<60 { lane.put("c\(number)", length: mebibyte, at: 0) }
      #expect(store.snapshot().objects == 60)
      store.checkInvariants()
    }

    /// Absent pages are not available, and later are again.
    @Test func aRefusedReturnDoesNotEndPopulation() throws {
      let store = try Store.make(mebibytes: 64, lease: 0, populated: false)
      _ = store.charge(30 * mebibyte)
      store.populate()
      _ = store.charge(10 * mebibyte)
      store.populate()
      store.discharge(40 * mebibyte)
      refuse(true, store)
      store.populate()
      refuse(false, store)
      store.populate()
      #expect(store.snapshot().populatedBytes < 24 * mebibyte, "for a while nobody asks")
      store.keepWithinBudget(now: 0)
      store.populate()
      #expect(store.snapshot().populatedBytes > 62 * mebibyte, "what is absent, and what is new")
      store.checkInvariants()
    }

    /// The system never has memory again: who waits for stale blocks learns it soon, also of those that go for it, until
    /// something goes that was not lent.
    @Test func aBodyDoesNotWaitForEverWhenTheSystemRefuses() throws {
      let store = try fullStore(lent: 0..<20)
      let lane = store.lane(0)
      for number in 5..<20 { #expect(lane.remove("c\(number)")) }
      // The five coldest are the lent ones that are left.
      for number in 20..<28 { #expect(lane.has("c\(number)", at: 0)) }
      refuse(true, store)
      var body = lane.begin("new", length: 3 * mebibyte, at: 0)!
      var (answer, looks) = (Extension.wait, 0)
      // A body tries again and again between two requests to the system.
      while answer == .wait, looks < 40 {
        if looks % 4 == 0 { store.keepWithinBudget(now: 0) }
        answer = body.extend(to: 3 * mebibyte, now: UInt64(looks) * Limits.bodyTickNanoseconds / 4)
        store.populate()
        looks += 1
      }
      #expect(answer == .ready, "after \(looks) looks")
      #expect(!lane.has("c4", at: 0) && lane.has("c27", at: 0))
      body.abandon(.connectionLost)
      store.checkInvariants()
    }
  #endif

  // MARK: The signal

  private func silence(_ store: Store) {
    if store.lane(0).vault.populationSignal.isRaised { _ = store.waitForPopulationWork() }
  }

  /// The housekeeper of an idle server wakes the helper for stale blocks.
  @Test func housekeepingRings() throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let lane = store.lane(0)
    lane.put("a", length: 2 * mebibyte, at: 0)
    lend("a", in: lane)
    silence(store)
    #expect(lane.remove("a"))
    store.keepWithinBudget(now: 0)
    #expect(lane.vault.populationSignal.isRaised)
    store.populate()
    silence(store)
    store.keepWithinBudget(now: 0)
    #expect(!lane.vault.populationSignal.isRaised, "there is nothing to do")
  }

  /// A body that takes pages also wakes it before they are short, if values were removed and not evicted.
  @Test(arguments: [false, true])
  func takingPagesRings(isLent: Bool) throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let lane = store.lane(0)
    lane.put("a", length: 2 * mebibyte, at: 0)
    if isLent { lend("a", in: lane) }
    #expect(lane.remove("a"))
    silence(store)
    lane.put("b", length: 8 * mebibyte, at: 0)
    #expect(lane.vault.populationSignal.isRaised == isLent)
  }
}

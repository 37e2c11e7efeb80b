import Base
import Synchronization
import Testing

@testable import Store

/// Lent memory that readers keep is bounded by the memory that the system has left.
@Suite(.serialized) struct HeadroomTests {
  /// The reserve beside such a small budget, and its shares.
  private static let reserve = 256 * mebibyte
  private static let lendingFloor = reserve / 2
  private static let roomFloor = reserve / 4
  private static let brink = reserve / 100 * Limits.roomBrinkPercent

  /// A system that counts the memory it gave: all populated pages, and the old pages of lent blocks that readers keep.
  private final class PretendSystem: Sendable {
    let store: Store
    private let limit: Int
    private let others = Atomic(0)
    private let released = Atomic(0)
    private let readings = Atomic(0)

    init(_ store: Store, limitMebibytes: Int) {
      self.store = store
      limit = limitMebibytes * mebibyte
      store.watchRoom { [weak self] in
        guard let self else { return nil }
        readings.add(1, ordering: .relaxed)
        return self.limit - charge
      }
    }

    var charge: Int { store.snapshot().populatedBytes + others.load(ordering: .relaxed) + keptBytes }
    var left: Int { limit - charge }
    var keptBytes: Int { lentBytes - released.load(ordering: .relaxed) }
    var readingCount: Int { readings.load(ordering: .relaxed) }

    /// Every lent block that went back to the system.
    private var lentBytes: Int { Int(store.renewedBytes + store.unrenewedBytes) }

    func releaseAll() { released.store(lentBytes, ordering: .relaxed) }
    func takeOtherwise(_ bytes: Int) { others.store(bytes, ordering: .relaxed) }
  }

  private func lend(_ key: String, in lane: Lane) {
    var burst = TouchBurst()
    #expect(lane.find(key, at: 0, &burst)?.lend(from: 0, min: 1, max: .max) == 2 * mebibyte)
  }

  /// One value that is lent and replaced, so that its block is renewed, or not.
  private func spendOne(_ lane: Lane, _ number: Int = 0) {
    lane.put("spent", length: 2 * mebibyte, version: number, at: 0)
    lend("spent", in: lane)
    #expect(lane.remove("spent"))
    lane.vault.populationSignal.raise()
    while lane.vault.populateAhead() {}
  }

  private func keepHouse(_ store: Store) {
    store.keepWithinBudget(now: 0)
    store.wantRoomReading()
    store.populate()
  }

  @Test func whereThereIsRoomNothingChanges() throws {
    let store = try Store.make(mebibytes: 64, lease: 0, populated: false)
    let system = PretendSystem(store, limitMebibytes: 320)
    store.populate()
    let lane = store.lane(0)
    for number in 0..<31 {
      lane.put("c\(number)", length: 2 * mebibyte, at: 0)
      lend("c\(number)", in: lane)
    }
    #expect(store.snapshot().objects > 29 && store.snapshot().populatedBytes > 60 * mebibyte)
    for number in 0..<200 {
      system.releaseAll()
      spendOne(lane, number)
    }
    #expect(store.mayLend && store.lendingPauses == 0 && store.unrenewedBytes == 0)
    #expect(store.renewedBytes >= 200 * 2 * mebibyte)
    // Subtracted are everything that may still be populated, and the floor.
    let headroom = try #require(store.headroomBytes)
    #expect(abs(headroom - (Self.reserve - Self.lendingFloor)) < 20 * mebibyte, "\(headroom >> 20) MiB")
    store.checkInvariants()
  }

  /// One reading for 16 MiB: a store is renewed as fast as memory is.
  @Test func theSystemIsAskedByBytes() throws {
    let store = try Store.make(mebibytes: 64, lease: 0, populated: false)
    let system = PretendSystem(store, limitMebibytes: 1000)
    store.populate()
    let before = (system.readingCount, store.renewedBytes)
    for number in 0..<100 { spendOne(store.lane(0), number) }
    let (readings, renewed) = (system.readingCount - before.0, Int(store.renewedBytes - before.1))
    #expect(renewed == 200 * mebibyte)
    #expect((renewed / Limits.roomBytesPerReading...renewed / Limits.roomBytesPerReading + 1).contains(readings))
  }

  /// Readers keep all lent pages: copies are sent from then on, until the readers let go.
  @Test func lendingPausesAndResumes() throws {
    let store = try Store.make(mebibytes: 64, lease: 0, populated: false)
    let system = PretendSystem(store, limitMebibytes: 320)
    store.populate()
    let lane = store.lane(0)
    var number = 0
    while store.mayLend, number < 200 {
      spendOne(lane, number)
      number += 1
    }
    #expect(!store.mayLend && store.lendingPauses == 1)
    #expect((128...130).contains(system.keptBytes / mebibyte), "the half of what is reserved")
    #expect(store.unrenewedBytes == 0, "nothing had to stay without memory")
    keepHouse(store)
    #expect(!store.mayLend, "nobody has let go")
    system.releaseAll()
    keepHouse(store)
    #expect(store.mayLend && store.lendingPauses == 1)
    store.checkInvariants()
  }

  /// The limit holds however many blocks readers keep while lending goes on: the store gives way.
  @Test(arguments: [11, 22, 33] as [UInt64])
  func theLimitHolds(seed: UInt64) throws {
    let store = try Store.make(mebibytes: 64, lease: 0, populated: false)
    let system = PretendSystem(store, limitMebibytes: 320)
    let lane = store.lane(0)
    var random = SplitMix64(seed: seed)
    var (most, least) = (0, Int.max)
    for step in 0..<1500 {
      let key = "k\(random.pick(0...40))"
      switch random.pick(0...9) {
      case 0...4: lane.put(key, length: random.pick(1...6) * mebibyte, version: step, at: 0)
      case 5...7:
        var burst = TouchBurst()
        if let pin = lane.find(key, at: 0, &burst) { _ = pin.lend(from: 0, min: 1, max: .max) }
      case 8: _ = lane.remove(key)
      default: keepHouse(store)
      }
      most = max(most, system.keptBytes)
      least = min(least, system.left)
      if step % 100 == 0 { store.checkInvariants() }
    }
    #expect(least >= Self.roomFloor)
    #expect(most > 150 * mebibyte && store.unrenewedBytes > 0, "it was put to the proof")
    system.releaseAll()
    keepHouse(store)
    #expect(store.mayLend)
    for number in 0..<31 { lane.put("c\(number)", length: 2 * mebibyte, version: number, at: 0) }
    #expect(store.snapshot().populatedBytes > 60 * mebibyte, "all of the budget is there again")
    store.checkInvariants()
  }

  /// Blocks that cannot be renewed are absent; values that were not lent are evicted, and new ones are stored.
  @Test func aStoreWithoutRoomGoesOn() throws {
    let store = try Store.make(mebibytes: 64, lease: 0, populated: false)
    let system = PretendSystem(store, limitMebibytes: 320)
    store.populate()
    let lane = store.lane(0)
    for number in 0..<30 { lane.put("c\(number)", length: 2 * mebibyte, version: number, at: 0) }
    for number in 0..<10 { lend("c\(number)", in: lane) }
    system.takeOtherwise(256 * mebibyte - Self.roomFloor - mebibyte)
    store.wantRoomReading()
    for number in 0..<10 { #expect(lane.remove("c\(number)")) }
    store.populate()
    #expect(store.unrenewedBytes == 20 * mebibyte && !store.mayLend)
    store.checkInvariants()
    for number in 0..<100 {
      #expect(lane.put("d\(number)", length: 2 * mebibyte, version: number, at: 0), "\(number)")
      if number % 7 == 0 { keepHouse(store) }
    }
    #expect(system.left >= Self.roomFloor - mebibyte)
    store.checkInvariants()
    system.takeOtherwise(0)
    system.releaseAll()
    keepHouse(store)
    #expect(store.mayLend && store.snapshot().populatedBytes > 60 * mebibyte)
    store.checkInvariants()
  }

  /// Memory never populated waits for room as well, and no body waits for it.
  @Test func freshMemoryWaitsForRoom() throws {
    let store = try Store.make(mebibytes: 256, lease: 0, populated: false)
    let system = PretendSystem(store, limitMebibytes: 160)
    store.populate()
    #expect(system.left >= Self.roomFloor && store.snapshot().populatedBytes > 80 * mebibyte)
    let lane = store.lane(0)
    for number in 0..<100 { #expect(lane.put("c\(number)", length: 2 * mebibyte, version: number, at: 0)) }
    #expect(system.left >= Self.roomFloor && store.snapshot().objects > 40)
    store.checkInvariants()
    system.takeOtherwise(-200 * mebibyte)
    for number in 100..<220 {
      keepHouse(store)
      lane.put("c\(number)", length: 2 * mebibyte, version: number, at: 0)
    }
    #expect(store.snapshot().objects > 110)
    store.checkInvariants()
  }

  /// Others take the rest, booked here or not: the store gives back its coldest, and only as much as is missing.
  @Test func theStoreGivesWay() throws {
    let store = try Store.make(mebibytes: 64, lease: 30, populated: false)
    let system = PretendSystem(store, limitMebibytes: 320)
    store.populate()
    let lane = store.lane(0)
    for number in 0..<30 { lane.put("c\(number)", length: 2 * mebibyte, version: number, at: 0) }
    let later = 10 * second
    var burst = TouchBurst()
    #expect(lane.exists("c0", at: later, &burst), "promised")
    store.keepWithinBudget(now: later)
    let populated = store.snapshot().populatedBytes
    system.takeOtherwise(256 * mebibyte - 10 * mebibyte)
    keepHouse(store)
    #expect(system.left >= Self.brink && system.left < Self.brink + Limits.populateStepBytes)
    #expect(store.snapshot().populatedBytes < populated)
    #expect(store.evicted(for: .system) > 5 && store.evicted(for: .system) < 25)
    #expect(lane.has("c0", at: later) && !lane.has("c1", at: later) && lane.has("c29", at: later))
    store.checkInvariants()
    // All that the store has would not be enough.
    #expect(lane.exists("c0", at: later, &burst))
    system.takeOtherwise(400 * mebibyte)
    for _ in 0..<10 { keepHouse(store) }
    #expect(store.snapshot().objects == 1 && lane.has("c0", at: later), "what was promised stays")
    store.checkInvariants()
    system.takeOtherwise(0)
    keepHouse(store)
    for number in 0..<30 { #expect(lane.put("d\(number)", length: 2 * mebibyte, version: number, at: later)) }
    store.checkInvariants()
  }

  /// Pages that readers keep do not come back by eviction: the store loses a little at a time.
  @Test func theStoreDoesNotGiveWayAllAtOnce() throws {
    let store = try Store.make(mebibytes: 64, lease: 0, populated: false)
    let system = PretendSystem(store, limitMebibytes: 320)
    store.populate()
    let lane = store.lane(0)
    for number in 0..<60 { lane.put("c\(number)", length: mebibyte, version: number, at: 0) }
    system.takeOtherwise(400 * mebibyte)
    keepHouse(store)
    #expect((10...40).contains(store.snapshot().objects))
    store.populate()
    #expect((10...40).contains(store.snapshot().objects), "until housekeeping looks again")
    store.checkInvariants()
  }

  /// New connections take memory outside the pages, faster than housekeeping looks.
  @Test func whatIsChargedHasTheSystemAsked() throws {
    let store = try Store.make(mebibytes: 256, lease: 0, populated: false)
    let system = PretendSystem(store, limitMebibytes: 1000)
    store.populate()
    let before = system.readingCount
    for _ in 0..<64 {
      #expect(store.charge(mebibyte))
      store.populate()
    }
    #expect(system.readingCount == before + 4)
  }

  /// Without readings of the system nothing is bounded.
  @Test func withoutASourceEverythingIsLent() throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    for number in 0..<300 { spendOne(store.lane(0), number) }
    #expect(store.mayLend && store.headroomBytes == nil)
    store.watchRoom { nil }
    for number in 0..<300 { spendOne(store.lane(0), number) }
    #expect(store.mayLend && store.headroomBytes == nil && store.unrenewedBytes == 0)
  }
}

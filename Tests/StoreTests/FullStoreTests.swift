import Base
import Testing

@testable import Store

/// Large values find whole blocks in a full store too, and no body waits for a block that will not come.
@Suite(.serialized) struct FullStoreTests {
  private func lendable(_ key: String, in lane: Lane) -> Int? {
    var burst = TouchBurst()
    return lane.find(key, at: 0, &burst)?.lend(from: 0, min: 1, max: .max)
  }

  private func room(_ store: Store) -> Int { store.snapshot().budgetBytes - store.snapshot().usedBytes }

  /// Stores values of 2 MiB until no whole block is left, all of them lent; returns how many.
  private func fillAndLend(_ store: Store) -> Int {
    let lane = store.lane(0)
    var count = 0
    while room(store) >= Limits.blockBytes {
      lane.put("c\(count)", length: 2 * mebibyte, at: 0)
      #expect(lendable("c\(count)", in: lane) == 2 * mebibyte)
      count += 1
    }
    return count
  }

  @Test(arguments: [false, true])
  func theLastValuesAreLentLikeTheFirst(areLentBefore: Bool) throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let lane = store.lane(0)
    for number in 0..<200 {
      #expect(lane.put("c\(number)", length: 2 * mebibyte, at: 0))
      if areLentBefore { #expect(lendable("c\(number)", in: lane) == 2 * mebibyte) }
    }
    for number in 175..<200 { #expect(lendable("c\(number)", in: lane) == 2 * mebibyte, "c\(number)") }
    #expect(store.snapshot().objects >= 29)
    store.checkInvariants()
  }

  /// Every value finds room in any mix, and little more than necessary is evicted.
  @Test(arguments: 1...4)
  func valuesOfAllSizesFillIt(seed: Int) throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let lane = store.lane(0)
    var random = SplitMix64(seed: UInt64(seed))
    let longest = 7 * mebibyte
    var wasFull = false
    for number in 0..<400 {
      let length = random.chance(perMille: 500) ? random.pick(1...300_000) : random.pick(1...longest)
      #expect(lane.put("c\(number)", length: length, version: number, at: 0))
      if random.chance(perMille: 300) { _ = lendable("c\(random.pick(max(0, number - 9)...number))", in: lane) }
      wasFull = wasFull || room(store) < longest
      if wasFull { #expect(room(store) <= longest + 2 * Limits.blockBytes) }
      store.checkInvariants()
    }
    #expect(wasFull && store.lane(0).vault.renewedBlocks.value > 10)
  }

  /// No block has room and nothing can be evicted: single pages will do. Few values, but more than one call looks at.
  @Test(arguments: [0, 2 * Limits.victimLooksMax])
  func whereNothingCanGoPagesWillDo(smallCount: Int) throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let lane = store.lane(0)
    var pins: [PinBox] = []
    func pin(_ key: String, length: Int) {
      var burst = TouchBurst()
      #expect(lane.put(key, length: length, at: 0))
      pins.append(PinBox(lane.find(key, at: 0, &burst)!))
    }
    for number in 0..<smallCount { pin("s\(number)", length: Limits.pageBytes) }
    while room(store) >= Limits.blockBytes { pin("c\(pins.count)", length: 2 * mebibyte) }
    try #require(room(store) > Limits.pageBytes)
    var body = lane.begin("late", length: 2 * mebibyte, at: 0)!
    #expect(body.extend(to: 1, now: 0) == .ready)
    #expect(store.evicted(for: .pages) == 0)
    body.abandon(.connectionLost)
  }

  /// There is room, but no block is whole or will be: nothing is evicted to make one.
  @Test func aFragmentedStoreEvictsNothingForABlock() throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let lane = store.lane(0)
    for number in 0..<900 { lane.put("s\(number)", length: Limits.pageBytes, at: 0) }
    while room(store) >= Limits.pageBytes { lane.put("t\(room(store))", length: Limits.pageBytes, at: 0) }
    for number in stride(from: 0, to: 900, by: 2) { #expect(lane.remove("s\(number)")) }
    let objects = store.snapshot().objects
    #expect(lane.put("large", length: 6 * mebibyte, at: 0))
    #expect(store.snapshot().objects == objects + 1)
    #expect(lendable("large", in: lane) == 0)
    store.checkInvariants()
  }

  @Test func aBodyWaitsForTheBlockThatIsBeingRenewed() throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let lane = store.lane(0)
    let count = fillAndLend(store)
    #expect(lane.remove("c0") && lane.vault.ledger.withLock { $0.pages.hasReadyPage })
    var body = lane.begin("new", length: 2 * mebibyte, at: 0)!
    #expect(body.extend(to: 2 * mebibyte, now: 0) == .wait)
    store.populate()
    #expect(body.extend(to: 2 * mebibyte, now: 1) == .ready)
    body.write(version: 1, until: 2 * mebibyte, now: 1)
    var burst = TouchBurst()
    body.publish(now: 1, burst: &burst)
    #expect(lendable("new", in: lane) == 2 * mebibyte && store.snapshot().objects == count)
    store.checkInvariants()
  }

  /// A body must get single pages even if the helper never runs.
  @Test func aWaitForABlockEnds() throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let lane = store.lane(0)
    let count = fillAndLend(store)
    #expect(lane.remove("c0") && lane.vault.ledger.withLock { $0.pages.hasReadyPage })
    var body = lane.begin("new", length: 2 * mebibyte, at: 0)!
    #expect(body.extend(to: 1, now: 0) == .wait)
    #expect(body.extend(to: 1, now: Limits.blockWaitNanosecondsMax) == .wait)
    #expect(body.extend(to: 1, now: Limits.blockWaitNanosecondsMax + 1) == .ready)
    body.abandon(.connectionLost)
    #expect(store.snapshot().objects == count - 1, "nothing went for it")
  }
}

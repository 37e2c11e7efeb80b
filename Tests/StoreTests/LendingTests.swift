import Base
import Foundation
import Synchronization
import Testing

@testable import Store

/// Lent memory never changes, and the store has whole blocks to lend.
@Suite(.serialized) struct LendingTests {
  private func pin(_ key: String, in lane: Lane) -> Pin? {
    var burst = TouchBurst()
    return lane.find(key, at: 0, &burst)
  }

  private func lendable(_ key: String, in lane: Lane, from: Int = 0, min: Int = 1, max: Int = .max) -> Int? {
    guard let pin = pin(key, in: lane) else { return nil }
    return pin.lend(from: from, min: min, max: max)
  }

  @Test func wholeBlocksAreLentAndTailsAreNot() throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let lane = store.lane(0)
    lane.put("large", length: 5 * mebibyte + 100, at: 0)
    lane.put("small", length: 2 * mebibyte - 1, at: 0)
    lane.put("block", length: 2 * mebibyte, at: 0)
    #expect(lendable("large", in: lane) == 4 * mebibyte)
    #expect(lendable("large", in: lane, from: 3 * mebibyte + 7) == mebibyte - 7)
    #expect(lendable("large", in: lane, from: 4 * mebibyte) == 0)
    #expect(lendable("small", in: lane) == 0)
    #expect(lendable("block", in: lane) == 2 * mebibyte)
    #expect(lendable("large", in: lane, from: mebibyte, max: 1000) == 1000)
    #expect(lendable("large", in: lane, from: 3 * mebibyte, min: mebibyte) == mebibyte)
    #expect(lendable("large", in: lane, from: 3 * mebibyte, min: mebibyte + 1) == 0)
    store.checkInvariants()
  }

  @Test func bodiesThatArriveTogetherDoNotShareBlocks() throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let lane = store.lane(0)
    var burst = TouchBurst()
    var one = lane.begin("a", length: 6 * mebibyte, at: 0)!
    var other = lane.begin("b", length: 6 * mebibyte, at: 0)!
    for end in 1...6 {
      #expect(one.extend(to: end * mebibyte, now: 0) == .ready)
      #expect(other.extend(to: end * mebibyte, now: 0) == .ready)
    }
    one.write(version: 1, until: 6 * mebibyte, now: 0)
    other.write(version: 2, until: 6 * mebibyte, now: 0)
    one.publish(now: 0, burst: &burst)
    other.publish(now: 0, burst: &burst)
    #expect(lendable("a", in: lane) == 6 * mebibyte)
    #expect(lendable("b", in: lane) == 6 * mebibyte)
    store.checkInvariants()
  }

  @Test func aCrowdOfBodiesTakesPageByPage() throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let lane = store.lane(0)
    var held = 0
    var bodies: [Held] = []
    for number in 0..<24 {
      guard var body = lane.begin("c\(number)", length: 4 * mebibyte, at: 0) else { break }
      #expect(body.extend(to: mebibyte, now: 0) == .ready)
      held = max(held, store.snapshot().inFlightBytes)
      bodies.append(Held(body))
    }
    // Whole blocks while they fit into a quarter of the budget, a mebibyte each for the others.
    let blockCount = 64 * mebibyte / 100 * Limits.blockInFlightPercentMax / Limits.blockBytes
    #expect(blockCount == 7 && bodies.count == 24)
    #expect(held == blockCount * Limits.blockBytes + (24 - blockCount) * mebibyte)
    bodies.removeAll()
    store.checkInvariants()
  }

  private final class Held: @unchecked Sendable {
    let reservation: Reservation
    init(_ reservation: consuming Reservation) { self.reservation = reservation }
  }

  private static func wholeBlockCount(_ pages: PagePool) -> Int {
    var (count, block) = (0, pages.whole.first)
    while let current = block { (count, block) = (count + 1, pages.whole.next(of: current)) }
    return count
  }

  @Test func brokenBlocksAreUsedBeforeWholeOnesAndBecomeWholeAgain() throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let lane = store.lane(0)
    for number in 0..<200 { lane.put("s\(number)", length: 64 * 1024, at: 0) }
    for number in 0..<200 where number % 3 != 0 { #expect(lane.remove("s\(number)")) }
    // Broken blocks have room for 130 pages: these values take no whole one.
    let whole = { store.lane(0).vault.ledger.withLock { Self.wholeBlockCount($0.pages) } }
    let before = whole()
    for number in 0..<100 { lane.put("t\(number)", length: 64 * 1024, at: 0) }
    #expect(whole() == before)
    for number in 0..<200 where number % 3 == 0 { #expect(lane.remove("s\(number)")) }
    for number in 0..<100 { #expect(lane.remove("t\(number)")) }
    let snapshot = store.snapshot()
    #expect(snapshot.pageBytes == 0)
    #expect(whole() == snapshot.populatedBytes / Limits.blockBytes)
  }

  #if DEBUG
    @Test(arguments: [nil, PlantedBug.reuseLent])
    func whatWasLentStaysAsItWas(bug: PlantedBug?) throws {
      var configuration = StoreConfiguration(budgetBytes: 32 * mebibyte, leaseSeconds: 0, hashSeed: 1, clientsMax: 64)
      configuration.plantedBug = bug
      let store = try Store(configuration)
      store.populate()
      let lane = store.lane(0)
      var lent: [LentPiece] = []
      for version in 0..<8 {
        lane.put("c\(version)", length: 2 * mebibyte, version: version, at: 0)
        if let piece = LentPiece(pin("c\(version)", in: lane)!, version: version) { lent.append(piece) }
      }
      #expect(lent.count == 8)
      for version in 8..<60 {
        store.populate()
        #expect(lane.put("d\(version)", length: 2 * mebibyte, version: version, at: 0))
      }
      #expect(!lane.has("c0", at: 0))
      let unchanged = lent.count { $0.isUnchanged() }
      #expect((unchanged == 8) == (bug == nil), "\(unchanged) of 8 as they were")
      store.checkInvariants()
    }
  #endif

  @Test func lentBlocksHoldNothingUntilTheyAreRenewed() throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let lane = store.lane(0)
    lane.put("a", length: 8 * mebibyte, at: 0)
    #expect(lendable("a", in: lane) == 8 * mebibyte)
    let before = store.snapshot()
    #expect(lane.remove("a"))
    store.checkInvariants()
    let ready = { lane.vault.ledger.withLock { $0.pages.readyBytes } }
    let readyBefore = ready()
    store.populate()
    store.checkInvariants()
    #expect(ready() - readyBefore >= 8 * mebibyte)
    #expect(store.snapshot().populatedBytes >= before.populatedBytes)
    #expect(lane.vault.renewedBlocks.value == 4)
    // Blocks that were never lent are reused as they are, even if fewer were found than wanted.
    lane.put("b", length: 8 * mebibyte, at: 0)
    #expect(lendable("b", in: lane, from: 4 * mebibyte, min: 5 * mebibyte) == 0)
    #expect(lane.remove("b"))
    store.populate()
    #expect(lane.vault.renewedBlocks.value == 4)
  }

  /// Memory that has to go is taken from stale blocks first: nobody populates them to give them away.
  @Test func spentBlocksGoFirstWhenMemoryIsNeeded() throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let lane = store.lane(0)
    for number in 0..<28 { lane.put("c\(number)", length: 2 * mebibyte, at: 0) }
    for number in 0..<8 { #expect(lendable("c\(number)", in: lane) == 2 * mebibyte) }
    for number in 0..<8 { #expect(lane.remove("c\(number)")) }
    _ = store.charge(18 * mebibyte)
    store.populate()
    #expect(lane.vault.renewedBlocks.value <= 1)
    let books = store.snapshot()
    #expect(books.populatedBytes + books.usedBytes - books.pageBytes <= books.budgetBytes)
    store.checkInvariants()
  }

  /// Lanes store, read, lend and remove at once, with a helper that renews and a kernel that keeps lent pages.
  @Test func fourLanesThatLend() throws {
    let store = try Store.make(mebibytes: 48, lanes: 4, lease: 0, clients: 64, populated: false)
    let failures = Atomic<Int>(0)
    let checked = Atomic<Int>(0)
    let helper = Thread { while store.waitForPopulationWork() { store.populate() } }
    helper.start()
    DispatchQueue.concurrentPerform(iterations: 4) { number in
      let lane = store.lane(number)
      var random = SplitMix64(seed: UInt64(number + 1))
      var (burst, now) = (TouchBurst(), UInt64(0))
      var lent: [LentPiece] = []
      for _ in 0..<1000 {
        now += 2_000_000
        let key = "k\(random.pick(0...14))"
        switch random.pick(0...9) {
        case 0...2:
          let length =
            random.pick(0...2) == 0 ? random.pick(1...300_000) : random.pick(2...5) * mebibyte + random.pick(0...99)
          lane.put(key, length: length, version: length, at: now, &burst)
        case 3...7:
          guard let pin = lane.find(key, at: now, &burst) else { continue }
          if let piece = LentPiece(pin, version: pin.length) { lent.append(piece) }
          if lent.count > 8 {
            checked.add(1, ordering: .relaxed)
            if !lent.remove(at: random.pick(0...7)).isUnchanged() { failures.add(1, ordering: .relaxed) }
          }
        default: _ = lane.remove(key)
        }
      }
      for piece in lent where !piece.isUnchanged() { failures.add(1, ordering: .relaxed) }
      lane.flush(now: now)
    }
    store.stopPopulation()
    while !helper.isFinished { usleep(100) }
    store.checkInvariants()
    #expect(failures.load(ordering: .relaxed) == 0)
    let renewed = store.lane(0).vault.renewedBlocks.value
    print("measured: \(checked.load(ordering: .relaxed)) lent pieces checked, \(renewed) blocks renewed")
    #expect(checked.load(ordering: .relaxed) > 100 && renewed > 100)
  }
}

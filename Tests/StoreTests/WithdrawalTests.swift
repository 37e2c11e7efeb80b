import Base
import Glibc
import Testing

@testable import Store

/// Populated memory and everything else stay within the budget together, even when everything else grows later.
@Suite(.serialized) struct WithdrawalTests {
  /// The bytes of the arena that are resident, according to the kernel.
  private func residentBytes(_ store: Store) -> Int {
    let arena = store.lane(0).vault.arena
    let byteCount = arena.pageCount * Limits.pageBytes
    var pages = [UInt8](repeating: 0, count: byteCount / Limits.unitBytes)
    precondition(mincore(arena.address(of: 0), byteCount, &pages) == 0)
    return pages.count { $0 & 1 != 0 } * Limits.unitBytes
  }

  private func expectWithinBudget(_ store: Store, _ when: String) {
    let books = store.snapshot()
    // The last huge page may extend beyond the request.
    let beyond = residentBytes(store) - books.populatedBytes
    #expect((0..<Limits.arenaAlignmentBytes).contains(beyond), "\(when)")
    let others = books.usedBytes - books.pageBytes
    // Withdrawing less than this is not worth breaking huge pages.
    #expect(books.populatedBytes + others < books.budgetBytes + Limits.withdrawBytesMin, "\(when)")
    store.checkInvariants()
  }

  @Test(arguments: [false, true])
  func chargesTakeMemoryFromThePages(isFull: Bool) throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let lane = store.lane(0)
    for number in 0..<(isFull ? 200 : 10) {
      lane.put("c\(number)", length: mebibyte - 5000, version: number, at: 0)
      store.populate()
    }
    expectWithinBudget(store, "before")
    _ = store.charge(20 * mebibyte)
    store.populate()
    expectWithinBudget(store, "charged")
    var kept = 0
    for number in 0..<200 {
      var burst = TouchBurst()
      guard let pin = lane.find("c\(number)", at: 0, &burst) else { continue }
      let isWhole = pin.holds(version: number)
      #expect(isWhole)
      kept += 1
    }
    #expect(kept > (isFull ? 30 : 9))
  }

  @Test func whatWasGivenBackIsPopulatedBeforeItIsUsedAgain() throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let lane = store.lane(0)
    for number in 0..<70 { lane.put("c\(number)", length: mebibyte, version: number, at: 0) }
    _ = store.charge(20 * mebibyte)
    store.populate()
    store.discharge(20 * mebibyte)
    #expect(store.snapshot().populatedBytes < 45 * mebibyte)
    for number in 100..<200 {
      guard var reservation = lane.begin("d\(number)", length: mebibyte, at: 0) else {
        Issue.record("there is room")
        return
      }
      while true {
        let answer = reservation.extend(to: mebibyte, now: 0)
        if answer == .ready { break }
        #expect(answer == .wait)
        #expect(store.populateAhead())
      }
      reservation.write(version: number, until: mebibyte, now: 0)
      var burst = TouchBurst()
      reservation.publish(now: 0, burst: &burst)
    }
    expectWithinBudget(store, "used again")
    #expect(store.snapshot().objects > 55)
    for number in 150..<200 {
      var burst = TouchBurst()
      let isWhole = lane.find("d\(number)", at: 0, &burst)?.holds(version: number)
      #expect(isWhole == true)
    }
  }

  /// Huge pages are not broken for a few pages: every block would be renewed with small pages from then on.
  @Test func aSmallExcessBreaksNoBlock() throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let lane = store.lane(0)
    for number in 0..<2000 { lane.put("c\(number)", length: 64 * 1024, at: 0) }
    store.populate()
    let before = store.snapshot()
    _ = store.charge(3 * mebibyte)
    store.populate()
    #expect((before.populatedBytes - store.snapshot().populatedBytes) % Limits.blockBytes == 0)
    #expect(lane.vault.population.withLock { $0.pagesThatStay } == 0)
    _ = store.charge(3 * mebibyte)
    store.populate()
    #expect(lane.vault.population.withLock { $0.pagesThatStay } > 0)
    expectWithinBudget(store, "much")
  }

  /// A block withdrawn for a few pages would not return until all of it has room.
  @Test func anExcessOfAPageLeavesAllPages() throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let before = store.snapshot().populatedBytes
    for charge in [Limits.pageBytes, Limits.blockBytes - Limits.pageBytes, Limits.blockBytes + Limits.pageBytes] {
      _ = store.charge(charge)
      store.populate()
      #expect(store.snapshot().populatedBytes == before - charge / Limits.blockBytes * Limits.blockBytes)
      store.discharge(charge)
      store.populate()
      #expect(store.snapshot().populatedBytes == before)
    }
    expectWithinBudget(store, "at the end")
  }

  @Test func recordsAndIndexTakeMemoryFromThePages() throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let lane = store.lane(0)
    for number in 0..<60 { lane.put("c\(number)", length: mebibyte, at: 0) }
    for number in 0..<30_000 { lane.put("small \(number)", length: 100, at: 0) }
    store.populate()
    #expect(store.snapshot().recordBytes > 3 * mebibyte)
    expectWithinBudget(store, "small")
  }

  @Test func theHelperIsWokenForAnExcess() throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    _ = store.charge(mebibyte)
    store.stopPopulation()
    #expect(!store.waitForPopulationWork())
    let other = try Store.make(mebibytes: 64, lease: 0)
    _ = other.charge(8 * mebibyte)
    #expect(other.waitForPopulationWork())
    other.populate()
    expectWithinBudget(other, "woken")
  }
}

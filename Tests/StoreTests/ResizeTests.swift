import Base
import Glibc
import Testing

@testable import Store

/// The budget changes while values are stored, promised, read and arriving.
@Suite(.serialized) struct ResizeTests {
  private func books(_ store: Store) -> StoreSnapshot {
    store.checkInvariants()
    return store.snapshot()
  }

  /// Fills with values of a mebibyte, the newest last; returns how many there are.
  private func fill(_ store: Store, _ count: Int, from first: Int = 0, at now: UInt64 = 0) {
    for number in first..<first + count {
      store.populate()
      store.lane(0).put("c\(number)", length: mebibyte, version: number, at: now)
    }
  }

  private func held(_ store: Store, _ numbers: Range<Int>, at now: UInt64) -> [Int] {
    numbers.filter { number in
      var burst = TouchBurst()
      guard let pin = store.lane(0).find("c\(number)", at: now, &burst) else { return false }
      let isWhole = pin.holds(version: number)
      #expect(isWhole, "c\(number)")
      return true
    }
  }

  @Test func aLargerBudgetIsUsedAtOnce() throws {
    let store = try Store.make(mebibytes: 32, reach: 128, lease: 0)
    fill(store, 60)
    let before = books(store).objects
    #expect(before < 32)
    store.resize(budgetBytes: 96 * mebibyte, now: 0)
    #expect(books(store).budgetBytes == 96 * mebibyte)
    fill(store, 60, from: 100)
    #expect(held(store, 100..<160, at: 0).count == 60, "nothing of it was evicted")
    #expect(books(store).objects >= 60 + before)
    #expect(books(store).usedBytesHighWater <= 96 * mebibyte)
  }

  @Test func aSmallerBudgetLosesTheOldestAndGivesTheirMemoryBack() throws {
    let store = try Store.make(mebibytes: 96, lease: 0)
    fill(store, 90)
    let arena = store.lane(0).vault.arena
    let before = residentBytes(arena)
    store.resize(budgetBytes: 32 * mebibyte, now: 0)
    #expect(books(store).usedBytes <= 32 * mebibyte, "at once")
    #expect(store.evicted(for: .budget) > 55)
    store.populate()
    #expect(books(store).populatedBytes <= 32 * mebibyte)
    // The last huge page may extend beyond the request.
    #expect(residentBytes(arena) <= 32 * mebibyte + Limits.arenaAlignmentBytes && before > 80 * mebibyte)
    let kept = held(store, 0..<90, at: 0)
    #expect(kept.count > 25 && kept == Array((90 - kept.count)..<90), "the newest stay")
  }

  @Test func downAndUpAgain() throws {
    let store = try Store.make(mebibytes: 64, reach: 128, lease: 0)
    for round in 0..<6 {
      fill(store, 130, from: round * 1000)
      let budget = [16, 128, 40, 64, 24, 128][round] * mebibyte
      store.resize(budgetBytes: budget, now: 0)
      #expect(books(store).usedBytes <= budget)
      store.populate()
      #expect(books(store).populatedBytes <= budget)
    }
    fill(store, 110, from: 9000)
    #expect(held(store, 9000..<9110, at: 0).count == 110, "every page is to be had again")
    #expect(books(store).usedBytes <= 128 * mebibyte)
  }

  @Test func promisesHoldAndEnd() throws {
    let store = try Store.make(mebibytes: 64, lease: 30)
    let lane = store.lane(0)
    let now = 100 * second
    fill(store, 50)
    var burst = TouchBurst()
    let promised = (0..<50).filter { lane.exists("c\($0)", at: now, &burst) }
    #expect(promised.count == 50)
    store.resize(budgetBytes: 16 * mebibyte, now: now)
    #expect(books(store).usedBytes > 50 * mebibyte, "promised bytes stay beyond the budget")
    #expect(!lane.put("more", length: mebibyte, at: now), "nothing new comes in")
    #expect(held(store, 0..<10, at: now).count == 10)
    let last = now + 5 * second
    store.keepWithinBudget(now: last)
    store.populate()
    #expect(books(store).objects >= 40, "a promise holds to its last second")
    store.keepWithinBudget(now: last + 6 * second)
    store.populate()
    #expect(books(store).usedBytes <= 16 * mebibyte && lane.counters.leasesBroken.value == 0)
    let left = held(store, 0..<50, at: last + second)
    #expect(!left.isEmpty && lane.exists("c\(left[0])", at: last + second, &burst), "promises are made again")
  }

  /// Connections are to be let in, and pages to be answered, while promises hold more than a smaller budget.
  @Test func whatWaitsForItsPromiseIsNoOverdraft() throws {
    let store = try Store.make(mebibytes: 64, lease: 30)
    let lane = store.lane(0)
    let now = 100 * second
    fill(store, 50)
    var burst = TouchBurst()
    for number in 0..<40 where !lane.exists("c\(number)", at: now, &burst) { Issue.record("c\(number)") }
    store.resize(budgetBytes: 16 * mebibyte, now: now)
    let promised = books(store).usedBytes
    #expect(promised > 40 * mebibyte && promised < 50 * mebibyte)
    func charge() -> Int {
      var count = 0
      while count < 1000, store.charge(32 * 1024) { count += 1 }
      store.discharge((count + 1) * 32 * 1024)
      return count
    }
    #expect((4...8).contains(charge()), "as much as where the budget is full of promises, and no more")
    for number in 0..<10 { #expect(lane.remove("c\(number)")) }
    store.keepWithinBudget(now: now)
    #expect((4...8).contains(charge()), "what has gone is not theirs to take")
    #expect(books(store).usedBytes <= promised - 10 * mebibyte)
  }

  @Test func readersFinish() throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    fill(store, 60)
    var burst = TouchBurst()
    var pins: [PinBox] = []
    for number in 30..<60 {
      if let pin = store.lane(0).find("c\(number)", at: 0, &burst) { pins.append(PinBox(pin)) }
    }
    #expect(pins.count == 30)
    store.resize(budgetBytes: 8 * mebibyte, now: 0)
    #expect(books(store).usedBytes > 30 * mebibyte)
    for (number, box) in pins.enumerated() { #expect(box.holds(version: 30 + number)) }
    pins.removeAll()
    // No requests: only time passes, as housekeeping reports it.
    store.keepWithinBudget(now: second)
    #expect(store.waitForPopulationWork(), "the helper was woken")
    store.populate()
    #expect(books(store).usedBytes <= 8 * mebibyte && books(store).populatedBytes <= 8 * mebibyte)
  }

  @Test func bodiesInFlightGiveWay() throws {
    let store = try Store.make(mebibytes: 64, lease: 0)
    let lane = store.lane(0)
    let silent = (0..<6).map { SilentBody(lane.begin("b\($0)", length: 5 * mebibyte, at: 0)!) }
    for body in silent { #expect(body.extend(to: 5 * mebibyte) == .ready) }
    store.resize(budgetBytes: 16 * mebibyte, now: 0)
    var now: UInt64 = 0
    for _ in 0..<40 {
      now += Limits.bodyTickNanoseconds
      store.keepWithinBudget(now: now)
      store.populate()
      for body in silent { body.look() }
    }
    #expect(books(store).usedBytes <= 16 * mebibyte)
    #expect(books(store).inFlightBodies > 0, "as many stay as fit")
  }

  @Test func tablesAndReachBoundIt() throws {
    let store = try Store.make(mebibytes: 32, reach: 48, lease: 0)
    let lane = store.lane(0)
    for number in 0..<20_000 { lane.put("small \(number)", length: 10, at: 0) }
    store.resize(budgetBytes: 1, now: 0)
    let books = books(store)
    #expect(books.usedBytes <= books.budgetBytes && books.budgetBytes < 8 * mebibyte && books.objects > 0)
    #expect(lane.put("another", length: 10, at: 0), "it still works")
    store.resize(budgetBytes: 1 << 40, now: 0)
    #expect(store.snapshot().budgetBytes == 48 * mebibyte)
  }

  @Test func memoryThatWasRefusedIsAskedForAgain() throws {
    let store = try Store.make(mebibytes: 32, reach: 64, lease: 0)
    store.lane(0).vault.ledger.withLock { $0.pages.pausePopulation() }
    store.resize(budgetBytes: 64 * mebibyte, now: 0)
    fill(store, 60)
    #expect(books(store).objects > 55)
  }

  private final class SilentBody {
    private var reservation: Reservation?
    init(_ reservation: consuming Reservation) { self.reservation = consume reservation }

    func extend(to end: Int) -> Extension {
      var taken = reservation.take()!
      let answer = taken.extend(to: end, now: 0)
      reservation = consume taken
      return answer
    }

    /// What the session does four times a second.
    func look() {
      guard let taken = reservation.take() else { return }
      if taken.isCondemned { taken.abandon(.condemned) } else { reservation = consume taken }
    }
  }

  private func residentBytes(_ arena: Arena) -> Int {
    let byteCount = arena.pageCount * Limits.pageBytes
    var pages = [UInt8](repeating: 0, count: byteCount / Limits.unitBytes)
    precondition(mincore(arena.address(of: 0), byteCount, &pages) == 0)
    return pages.count { $0 & 1 != 0 } * Limits.unitBytes
  }
}

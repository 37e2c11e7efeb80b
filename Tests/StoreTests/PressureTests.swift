import Base
import Testing

@testable import Store

/// Bodies that arrive when there is too little room for all.
@Suite struct PressureTests {
  private final class Sender {
    private var reservation: Reservation?
    var isStalled = false
    var outcome: String?

    init(_ reservation: consuming Reservation) { self.reservation = consume reservation }

    var isGone: Bool { reservation == nil }

    /// Sends up to `end`, a slice. True if bytes were stored.
    func send(until end: Int, at now: UInt64) {
      guard var taken = reservation.take() else { return }
      let slice = min(end, taken.received + Limits.sliceBytes)
      switch taken.extend(to: slice, now: now) {
      case .ready:
        taken.write(version: 3, until: slice, now: now)
        isStalled = slice == end
        guard slice == taken.length else { break }
        var burst = TouchBurst()
        taken.publish(now: now, burst: &burst)
        outcome = "published"
        return
      case .wait: break
      case .drop(let reason):
        taken.abandon(reason)
        outcome = "\(reason)"
        return
      }
      reservation = consume taken
    }

    func look() {
      guard let taken = reservation.take() else { return }
      if taken.isCondemned {
        taken.abandon(.condemned)
        outcome = "condemned"
      } else {
        reservation = consume taken
      }
    }
  }

  @Test func halfSentBodiesCannotBlockOthers() throws {
    let store = try Store.make(mebibytes: 512, clients: 512)
    let lane = store.lane(0)
    let length = 16 * mebibyte
    var now: UInt64 = 0
    var senders: [Sender] = []
    for number in 0..<200 {
      guard let reservation = lane.begin("half\(number)", length: length, at: now) else { continue }
      senders.append(Sender(reservation))
    }
    #expect(senders.count == 200)
    // Every body sends half and falls silent.
    for _ in 0..<200 {
      now += 10_000_000
      store.populate()
      for sender in senders where !sender.isStalled { sender.send(until: length / 2, at: now) }
      if now % 250_000_000 == 0 { senders.forEach { $0.look() } }
    }
    #expect(senders.contains { !$0.isGone }, "some still hold pages")
    #expect(store.snapshot().inFlightBytes > 200 * mebibyte)
    store.checkInvariants()

    now += second
    let late = Sender(lane.begin("late", length: length, at: now)!)
    for _ in 0..<400 where !late.isGone {
      now += 10_000_000
      store.populate()
      late.send(until: length, at: now)
      if now % 250_000_000 == 0 { senders.forEach { $0.look() } }
    }
    #expect(late.outcome == "published")
    #expect(lane.has("late", at: now))
    let snapshot = store.snapshot()
    #expect(snapshot.inFlightBytes <= snapshot.budgetBytes / 2 && snapshot.usedBytesHighWater <= snapshot.budgetBytes)
    store.checkInvariants()
  }

  @Test func bodiesThatAllMoveEndWithTheFirstOnes() throws {
    let store = try Store.make(mebibytes: 64)
    let lane = store.lane(0)
    let senders = (0..<10).map { Sender(lane.begin("b\($0)", length: 8 * mebibyte, at: 0)!) }
    var now: UInt64 = 0
    for _ in 0..<2000 where senders.contains(where: { !$0.isGone }) {
      now += 5_000_000
      store.populate()
      for sender in senders { sender.send(until: 8 * mebibyte, at: now) }
      if now % 250_000_000 == 0 { senders.forEach { $0.look() } }
      store.checkInvariants()
    }
    #expect(senders.allSatisfy { $0.outcome != nil })
    #expect(senders[0].outcome == "published", "whoever began first is never the loser while it moves")
    #expect(senders.filter { $0.outcome == "published" }.count >= 3)
    #expect(senders[9].outcome != "published")
  }

  @Test func unpopulatedPagesMakeABodyWait() throws {
    let store = try Store.make(mebibytes: 64, populated: false)
    let lane = store.lane(0)
    var reservation = lane.begin("a", length: mebibyte, at: 0)!
    #expect(reservation.extend(to: 1000, now: 0) == .wait)
    #expect(store.waitForPopulationWork(), "the wait woke the helper")
    #expect(store.populateAhead())
    #expect(reservation.extend(to: 1000, now: 1) == .ready)
    reservation.abandon(.connectionLost)
    store.stopPopulation()
    #expect(!store.waitForPopulationWork())
  }

  @Test func aWaitEnds() throws {
    let store = try Store.make(mebibytes: 64, populated: false)
    var reservation = store.lane(0).begin("a", length: mebibyte, at: 0)!
    #expect(reservation.extend(to: 1, now: 0) == .wait)
    #expect(reservation.extend(to: 1, now: 2 * second) == .wait)
    #expect(reservation.extend(to: 1, now: 5 * second + 1) == .drop(.waitedTooLong))
  }

  @Test func allPinnedMeansNoMemory() throws {
    let store = try Store.make(mebibytes: 4)
    let lane = store.lane(0)
    var pins: [PinBox] = []
    var burst = TouchBurst()
    for number in 0..<100 where lane.put("p\(number)", length: Limits.pageBytes, at: 0) {
      pins.append(PinBox(lane.find("p\(number)", at: 0, &burst)!))
    }
    #expect(pins.count > 40)
    #expect(!lane.put("more", length: 10 * Limits.pageBytes, at: second))
    #expect(lane.counters.drops(.noMemory) + lane.counters.drops(.inFlightLimit) > 0)
    pins.removeAll()
    #expect(lane.put("more", length: 10 * Limits.pageBytes, at: 15 * second))
    store.checkInvariants()
  }

  @Test func whatCanNeverFitIsNotBegun() throws {
    let store = try Store.make(mebibytes: 4)
    let lane = store.lane(0)
    let isBegun = lane.begin("big", length: 3 * mebibyte, at: 0) != nil
    #expect(!isBegun)
    #expect(lane.counters.drops(.tooLarge) == 1)
  }

  @Test func aDroppedOverwriteOfAnotherShapeRemovesTheOldValue() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    func drop(_ length: Int, _ meta: ObjectMeta?, _ reason: DropReason) {
      lane.begin("a", length: length, meta: meta, at: 0)!.abandon(reason)
    }
    lane.put("a", length: 5000, meta: meta(1), at: 0)
    drop(5000, meta(1), .noMemory)
    #expect(lane.has("a", .withMeta, at: 0), "the same shape stays")
    drop(5000, meta(2), .connectionLost)
    drop(6000, meta(1), .connectionLost)
    #expect(lane.has("a", .withMeta, at: 0), "a lost client changes nothing")
    drop(5000, meta(2), .condemned)
    #expect(!lane.has("a", .withMeta, at: 0))
    lane.put("a", length: 5000, meta: meta(1), at: 0)
    drop(5001, meta(1), .silent)
    #expect(!lane.has("a", .withMeta, at: 0))
    lane.put("a", length: 5000, meta: meta(1), at: 0)
    drop(5000, nil, .silent)
    #expect(!lane.has("a", .withMeta, at: 0))
    lane.put("a", length: 5000, meta: meta(1), at: 0)
    let isBegun = lane.begin("a", length: 9 * mebibyte, meta: meta(1), at: 0) != nil
    #expect(!isBegun && !lane.has("a", .withMeta, at: 0))
    store.checkInvariants()
  }

  @Test func chargesEvict() throws {
    let store = try Store.make(mebibytes: 8, lease: 0)
    let lane = store.lane(0)
    for number in 0..<200 { lane.put("c\(number)", length: Limits.pageBytes, at: 0) }
    #expect(store.charge(4 * mebibyte))
    #expect(store.snapshot().usedBytes <= store.snapshot().budgetBytes)
    #expect(store.evicted(for: .buffers) > 30)
    #expect(!store.charge(5 * mebibyte), "an overdraft is told")
    store.discharge(9 * mebibyte)
    store.checkInvariants()
  }

  @Test func tinyBudgetsAreRefused() {
    #expect(throws: StoreFailure.self) {
      try Store(StoreConfiguration(budgetBytes: 100_000, hashSeed: 1))
    }
  }
}

final class PinBox {
  private let pin: Pin
  init(_ pin: consuming Pin) { self.pin = pin }
  func holds(version: Int) -> Bool { pin.holds(version: version) }
}

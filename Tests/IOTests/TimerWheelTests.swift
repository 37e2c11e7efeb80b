import Base
import Testing

@testable import IO

/// The wheel against a plain table of deadlines, on a simulated clock.
@Suite
struct TimerWheelTests {
  private static let tick = TimerWheel.tickNanoseconds
  private static let round = tick * 1024

  @Test(arguments: UInt64(1)...40)
  func agreesWithATableOfDeadlines(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var now = UInt64(random.pick(0...2_000_000_000_000))
    var slots = SlotTable(capacity: 4096)
    var wheel = TimerWheel(now: now)
    // By slot: the deadline, and when the wheel got it.
    var table: [Int32: (deadline: UInt64, added: UInt64)] = [:]

    for _ in 0..<600 {
      for _ in 0..<random.pick(0...20) where table.count < 4000 {
        let index = slots.take()
        let past = random.chance(perMille: 50)
        let ahead = UInt64(random.pick(0...(random.chance(perMille: 500) ? 50_000_000 : 20_000_000_000)))
        let deadline = past ? now - min(now, ahead) : now + ahead
        wheel.add(index, deadline: deadline, slots: slots.slots)
        table[index] = (deadline, now)
      }
      for index in table.keys.sorted() where random.chance(perMille: 30) {
        wheel.remove(index, slots: slots.slots)
        // A second removal is what a completion after an expiry does.
        wheel.remove(index, slots: slots.slots)
        slots.giveBack(index)
        table[index] = nil
      }
      #expect(wheel.count == table.count)
      let earliest = table.values.map { max($0.deadline, $0.added) }.min()
      if let earliest { #expect(wheel.nextDeadline() <= earliest + 2 * Self.tick) }
      if earliest == nil { #expect(wheel.nextDeadline() == .max) }

      now += UInt64(random.pick(0...(random.chance(perMille: 30) ? Int(3 * Self.round) : 40_000_000)))
      while let index = wheel.popExpired(now: now, slots: slots.slots) {
        guard let entry = table.removeValue(forKey: index) else {
          Issue.record("slot \(index) expired and had no deadline")
          return
        }
        #expect(entry.deadline <= now, "early by \(entry.deadline - now) ns")
        slots.giveBack(index)
      }
      let late = table.values.filter { max($0.deadline, $0.added) + 2 * Self.tick <= now }
      #expect(late.isEmpty, "\(late.count) deadlines were passed over")
    }
    now += 10 * Self.round
    while let index = wheel.popExpired(now: now, slots: slots.slots) { table[index] = nil }
    #expect(table.isEmpty)
    #expect(wheel.count == 0)
  }

  @Test
  func deadlinesOfOneSweepComeInOrder() {
    var random = SplitMix64(seed: 3)
    var slots = SlotTable(capacity: 4096)
    var wheel = TimerWheel(now: 0)
    for _ in 0..<3000 {
      wheel.add(slots.take(), deadline: UInt64(random.pick(0...Int(Self.round - Self.tick))), slots: slots.slots)
    }
    var last: UInt64 = 0
    var count = 0
    while let index = wheel.popExpired(now: Self.round, slots: slots.slots) {
      let tick = slots.slots[Int(index)].deadline
      #expect(tick >= last)
      last = tick
      count += 1
    }
    #expect(count == 3000)
  }

  @Test
  func aDeadlineRoundsAwayStaysThroughEveryRoundBeforeIt() {
    var slots = SlotTable(capacity: 4)
    var wheel = TimerWheel(now: 0)
    let index = slots.take()
    let deadline = 5 * Self.round + 3 * Self.tick
    wheel.add(index, deadline: deadline, slots: slots.slots)
    var looks = 0
    var now: UInt64 = 0
    while now < deadline {
      #expect(wheel.popExpired(now: now, slots: slots.slots) == nil)
      now = min(wheel.nextDeadline(), now + Self.round / 2)
      looks += 1
    }
    #expect(wheel.popExpired(now: now, slots: slots.slots) == index)
    #expect(wheel.popExpired(now: now, slots: slots.slots) == nil)
    #expect(looks < 100, "a far deadline is not looked at all the time")
  }

  static let endsOfTime: [UInt64] = [.max, .max - 1, .max - 3_999_999, .max - 4_000_001]

  @Test(arguments: endsOfTime)
  func theEndOfTimeIsFarAway(deadline: UInt64) {
    var slots = SlotTable(capacity: 4)
    var wheel = TimerWheel(now: 1_000_000_000)
    wheel.add(slots.take(), deadline: deadline, slots: slots.slots)
    #expect(wheel.nextDeadline() > 1_000_000_000 + Self.round)
    #expect(wheel.popExpired(now: 1_000_000_000 + 20 * Self.round, slots: slots.slots) == nil)
  }
}

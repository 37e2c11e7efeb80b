import Base
import Foundation
import Testing

@testable import Store

/// Clients that never fetch, clocks that differ, idle hours, made-up keys.
extension PromiseTests {
  /// A client that asks and never fetches does not spoil the chunk for the others.
  @Test func thoseWhoNeverComeAreForgotten() throws {
    let store = try Store.make(mebibytes: 8)
    let lane = store.lane(0)
    var (idle, reader, writer) = clients()
    lane.put("a", length: chunk, at: start)
    #expect(lane.exists("a", at: start, &idle))
    for step in 1...6 {
      let now = start + UInt64(step) * 27 * second
      #expect(lane.exists("a", at: now, &reader))
      if step > 1 { #expect(store.snapshot(now: now).leasedBytes > 0, "held for the reader, round \(step)") }
      let isFound = lane.find("a", at: now, &reader) != nil
      #expect(isFound && store.snapshot(now: now).leasedBytes == 0)
    }
    #expect(fill(lane, "f", 300, at: start + 200 * second, &writer) == 300)
    #expect(held(lane, ["a"]).isEmpty)
  }

  /// Gaps that are none: loops' clocks differ, and an ask of an hour ago was not waited for.
  @Test func gapsThatSayNothingAreLeftOut() throws {
    let store = try Store.make(mebibytes: 8)
    let lane = store.lane(0)
    var burst = client(1, 1)
    for name in ["skewed", "old"] {
      lane.put(name, length: chunk, at: start)
      #expect(lane.exists(name, at: start, &burst))
    }
    _ = lane.find("skewed", at: start - 3_000_000, &burst) == nil
    _ = lane.find("old", at: start + 3600 * second, &burst) == nil
    store.keepWithinBudget(now: start + 3600 * second)
    #expect(store.promiseSeconds == 5)
  }

  /// After an idle night everything that waits is due at once, and eviction goes on as before.
  @Test func aQuietNightDoesNotMakeEvictionGoRound() throws {
    let store = try Store.make(mebibytes: 8)
    let lane = store.lane(0)
    var (asker, writer, _) = clients()
    let all = names("c", 110).filter { lane.put($0, length: chunk, at: start, &writer) }
    for name in all { #expect(lane.exists(name, at: start, &asker)) }
    // All are met, and set aside.
    for number in 0..<5 { lane.put("n\(number)", length: chunk, at: start, &writer) }
    let morning = start + 40_000 * second
    var pins: [PinBox] = []
    for name in all.suffix(20) {
      if let pin = lane.find(name, at: morning, &asker) { pins.append(PinBox(pin)) }
    }
    #expect(pins.count == 20)
    #expect(fill(lane, "d", 300, at: morning, &writer) == 300)
    store.checkInvariants()
  }

  @Test func thereAreNoMoreSistersThanRanks() throws {
    let store = try Store.make(mebibytes: 64)
    let lane = store.lane(0)
    var stored = 0
    for rank in 0..<1100 where lane.put(String(format: "m@08%06x@0@h", rank), length: 100, at: start) { stored += 1 }
    #expect(stored == Limits.sistersMax && lane.counters.drops(.tooManySisters) == UInt64(1100 - stored))
    #expect(lane.put("m@08000001@0@other", length: 100, at: start))
    // Not a rank of any engine, or spelled as no engine does.
    for key in ["m@99999999@%@h", "m@8@0%@h"] {
      for rank in 0..<1100 { #expect(lane.put(key.replacing("%", with: "\(rank)"), length: 100, at: start)) }
    }
    store.checkInvariants()
  }
}

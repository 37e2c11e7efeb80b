import Base
import Testing
import Wire

@testable import Objects
@testable import Store

/// Far more objects than fit: each is evicted whole, and promised ones stay.
@Suite struct ObjectPressureTests {
  private let length = 100_000
  private let plain = ObjectMeta(format: 1, type: 6, shape: (100, 1000, 0, 0))

  @Test(arguments: [1, 3])
  func bothHalvesGoTogether(groups: Int) throws {
    let store = try Store.make(mebibytes: 8)
    let lane = store.lane(0)
    var now = 100 * second
    var stored: [(String, Int)] = []
    for number in 0..<600 {
      // Every fourth key is longer than a record has room for.
      let key = "chunk\(number)" + (number % 4 == 0 ? String(repeating: "x", count: 400) : "")
      now += second / 2
      #expect(lane.set(key + "kv_bytes", length: length, version: number, at: now) == true)
      #expect(lane.set(key + "metadata", metadata(length: length, plain, groups: groups), at: now) == true)
      stored.append((key, number))
      if number % 50 == 0 { store.checkInvariants() }
    }
    var kept = 0
    for (key, number) in stored {
      let hasBytes = lane.shows(key + "kv_bytes", version: number, at: now)
      let hasMetadata = lane.length(name: key + "metadata", at: now) == ObjectMeta.byteCount(groups: groups)
      #expect(hasBytes == hasMetadata && lane.has(key, .withMeta, at: now) == (hasBytes && groups == 1))
      #expect((lane.length(name: key, at: now) != nil) == (hasBytes && groups == 1))
      kept += hasBytes ? 1 : 0
    }
    #expect(kept > 40 && kept < 90)
    #expect(lane.nameCount() == 2 * kept)
    #expect(lane.counters.leasesBroken.value == 0)
    store.checkInvariants()
  }

  /// The promise is for the whole object, whichever name was asked for.
  @Test(arguments: ["kv_bytes", "metadata", ":metadata", ""], [false, true])
  func aPromiseCoversBothHalves(suffix: String, byLM: Bool) throws {
    let store = try Store.make(mebibytes: 8)
    let lane = store.lane(0)
    if byLM {
      lane.put("K", length: length, version: 1, meta: plain, at: 0)
    } else {
      lane.set("Kkv_bytes", length: length, version: 1, at: 0)
      lane.set("Kmetadata", metadata(length: length, plain), at: 0)
    }
    let now = 100 * second
    #expect(lane.exists(name: "K" + suffix, at: now))
    for number in 0..<300 { lane.set("other\(number)", length: length, at: now + 5 * second) }
    #expect(lane.shows("Kkv_bytes", version: 1, at: now + 5 * second))
    #expect(lane.shown("Kmetadata", at: now + 5 * second) != nil && lane.has("K", .withMeta, at: now + 5 * second))
    #expect(lane.counters.leasesBroken.value == 0)
  }

  @Test func servedMetadataIsAPromise() throws {
    let store = try Store.make(mebibytes: 8)
    let lane = store.lane(0)
    lane.put("K", length: length, version: 1, meta: plain, at: 0)
    let now = 100 * second
    #expect(lane.shown("Kmetadata", at: now) != nil)
    for number in 0..<300 { lane.set("other\(number)", length: length, at: now + 5 * second) }
    #expect(lane.shows("Kkv_bytes", version: 1, at: now + 5 * second))
  }

  /// A SET that finds no room is answered with an error, and the old value stays.
  @Test func aRefusedSetLeavesTheOldValue() throws {
    let store = try Store.make(mebibytes: 4)
    let lane = store.lane(0)
    lane.set("a", length: 10, version: 1, at: 0)
    #expect(lane.set("a", length: 3_500_000, version: 2, at: 0) == nil)
    #expect(lane.shows("a", version: 1, at: 0))
    store.checkInvariants()
  }

  @Test func anAbandonedSetLeavesTheOldValue() throws {
    let store = try Store.make(mebibytes: 4)
    let lane = store.lane(0)
    lane.set("a", length: 10, version: 1, at: 0)
    for reason in [DropReason.connectionLost, .noMemory, .silent] {
      let reservation = lane.begin(name: "a", length: 20, at: 0)!
      reservation.abandon(reason)
      #expect(lane.shows("a", version: 1, at: 0))
    }
    store.checkInvariants()
  }

  /// A promise survives when its key becomes something else.
  @Test func aPromiseOutlivesTheKindOfItsValue() throws {
    let store = try Store.make(mebibytes: 8)
    let lane = store.lane(0)
    let now = 100 * second
    lane.set("a", length: length, version: 1, at: 0)
    lane.put("b", length: length, version: 2, meta: plain, at: 0)
    #expect(lane.exists(name: "a", at: now) && lane.exists(name: "b", at: now))
    lane.put("a", length: length, version: 3, meta: plain, at: now)
    lane.set("b", length: length, version: 4, at: now)
    for number in 0..<300 { lane.set("other\(number)", length: length, at: now + 5 * second) }
    #expect(lane.shows("a", version: 3, at: now + 5 * second) && lane.shows("b", version: 4, at: now + 5 * second))
    store.checkInvariants()
  }

  /// Records never become pages again, so long keys may only have a share of them.
  @Test func longKeysLeaveRoomForOthers() throws {
    let store = try Store.make(mebibytes: 8)
    let lane = store.lane(0)
    for number in 0..<400 {
      let name = String(repeating: "n", count: 60_000) + "\(number)"
      let now = UInt64(number) * 20 * second
      #expect(lane.set(name, length: 10, version: number, at: now) == true)
      #expect(lane.shows(name, version: number, at: now))
    }
    store.checkInvariants()
    #expect(store.snapshot().recordBytes < 8 * mebibyte / 8)
    // An ordinary key still finds room among them, and so do values.
    let now = 9000 * second
    for number in 0..<50 {
      #expect(lane.set(String(repeating: "k", count: 300) + "\(number)", length: 10, at: now) == true)
    }
    #expect(lane.put("big", length: 3_000_000, at: now))
    #expect(lane.has("big", at: now))
    // If nothing may be evicted, a long key is refused.
    for number in 0..<8 {
      let name = String(repeating: "l", count: 60_000) + "\(number)"
      lane.set(name, length: 10, at: now)
      _ = lane.exists(name: name, at: now)
    }
    let before = store.snapshot().objects
    #expect(lane.set(String(repeating: "m", count: 60_000), length: 10, at: now) == nil)
    #expect(store.snapshot().objects >= before - Limits.annexLooksMax)
    store.checkInvariants()
  }
}

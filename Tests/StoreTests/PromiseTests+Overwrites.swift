import Base
import Testing

@testable import Store

/// Overwrites: the promises they keep, those that fail, and the one for which promises are broken.
extension PromiseTests {
  @Test func anOverwriteDoesNotHoldTheRoomForLonger() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    var (asker, writer, _) = clients()
    lane.put("a", length: 1000, at: start)
    #expect(lane.exists("a", at: start, &asker))
    lane.put("a", length: 100 * chunk, version: 2, at: start + second)
    #expect(store.snapshot(now: start + second).leasedBytes == 100 * chunk + Limits.recordBytes)
    for step in 2...40 { _ = lane.exists("a", at: start + UInt64(step) * second, &asker) }
    #expect(fill(lane, "f", 600, at: start + 41 * second, &writer) == 600)
    #expect(held(lane, ["a"]).isEmpty)
    store.checkInvariants()
  }

  private func crowd(_ lane: Lane, at now: UInt64) {
    var burst = client(9, 9)
    for number in 0..<400 {
      guard lane.put("crowd\(number)", length: chunk, at: now, &burst) else { return }
      _ = lane.exists("crowd\(number)", at: now, &burst)
    }
  }

  @Test func aFailedPutKeepsWhatIsPromised() throws {
    for isPromised in [true, false] {
      let store = try Store.make(mebibytes: 8)
      let lane = store.lane(0)
      var burst = client(1, 1)
      lane.put("same", length: chunk, version: 1, meta: meta(1), at: start)
      lane.put("other", length: chunk, version: 2, meta: meta(1), at: start)
      if isPromised {
        #expect(lane.exists("same", .withMeta, at: start, &burst) && lane.exists("other", .withMeta, at: start, &burst))
      } else {
        _ = fill(lane, "f", 3, at: start)
      }
      crowd(lane, at: start)
      lane.begin("same", length: chunk, meta: meta(1), at: start)?.abandon(.noMemory)
      lane.begin("other", length: 2 * chunk, meta: meta(1), at: start)?.abandon(.noMemory)
      if isPromised {
        #expect(lane.has("same", .withMeta, at: start) && lane.has("other", .withMeta, at: start))
      } else {
        #expect(!lane.has("other", .withMeta, at: start))
      }
      store.checkInvariants()
    }
  }

  @Test func theRecoveryKeyIsAlwaysStored() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    lane.put("test@1@0@0@bfloat16", length: chunk, version: 1, meta: meta(1), at: start)
    crowd(lane, at: start)
    #expect(!lane.put("plain", length: chunk, at: start), "everything else is promised")
    let (objects, evicted, overwrites) = (store.snapshot().objects, store.evicted, lane.counters.overwrites.value)
    for version in 2...4 {
      #expect(lane.put("test@1@0@0@bfloat16", length: 20 * chunk, version: version, meta: meta(1), at: start))
      var burst = TouchBurst()
      let pin = lane.find("test@1@0@0@bfloat16", .withMeta, at: start, &burst)
      let isExact = pin?.holds(version: version) ?? false
      #expect(isExact)
    }
    let entered = 3 - Int(lane.counters.overwrites.value - overwrites)
    #expect(Int(store.evicted - evicted) == objects + entered - store.snapshot().objects, "each is counted once")
    #expect(store.evicted(for: .recovery) > 0)
    // No PUT takes it away before it is read back.
    #expect(!lane.put("plain", length: chunk, at: start) && lane.has("test@1@0@0@bfloat16", .withMeta, at: start))
    // If it cannot be stored after all, the old value is not the one that was written.
    lane.begin("test@1@0@0@bfloat16", length: 20 * chunk, meta: meta(1), at: start)?.abandon(.silent)
    #expect(!lane.has("test@1@0@0@bfloat16", .withMeta, at: start))
    store.checkInvariants()
  }
}

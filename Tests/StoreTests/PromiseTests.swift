import Base
import Testing

@testable import Store

/// The answers to look-ups, and the promises behind them.
@Suite struct PromiseTests {
  let chunk = Limits.pageBytes
  let start = 100 * second

  func client(_ identity: UInt64, _ connection: Int) -> TouchBurst {
    TouchBurst(asker: Asker(identity: identity, connection: connection))
  }

  /// Two clients with different bits.
  func clients() -> (TouchBurst, TouchBurst, TouchBurst) {
    var bursts: [TouchBurst] = []
    var identity: UInt64 = 1
    while bursts.count < 3 {
      let burst = client(identity, bursts.count + 1)
      if !bursts.contains(where: { $0.asker.bit == burst.asker.bit }) { bursts.append(burst) }
      identity += 1
    }
    return (bursts[0], bursts[1], bursts[2])
  }

  func fill(_ lane: Lane, _ name: String, _ count: Int, at now: UInt64, _ burst: inout TouchBurst) -> Int {
    (0..<count).count { lane.put("\(name)\($0)", length: chunk, at: now, &burst) }
  }

  func fill(_ lane: Lane, _ name: String, _ count: Int, at now: UInt64) -> Int {
    var burst = TouchBurst()
    return fill(lane, name, count, at: now, &burst)
  }

  func held(_ lane: Lane, _ names: [String]) -> [String] {
    var keys: Set<String> = []
    for stripe in 0..<Lane.stripeCount {
      lane.forEachKey(stripe: stripe, kind: .plain, now: 0) { key in
        keys.insert(key.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
      }
    }
    return names.filter(keys.contains)
  }

  func names(_ name: String, _ count: Int) -> [String] { (0..<count).map { "\(name)\($0)" } }

  @Test func calmMeansYes() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    #expect(fill(lane, "c", 200, at: start) == 200)
    #expect(store.snapshot(now: start).leasedBytes == 0, "storing alone promises nothing")
    var burst = client(1, 1)
    for step in 0..<90 {
      let now = start + UInt64(step) * second
      for name in names("c", 200) { #expect(lane.exists(name, at: now, &burst)) }
      store.keepWithinBudget(now: now)
    }
    #expect(lane.counters.leasesRefused.value == 0)
    store.checkInvariants()
  }

  @Test func aYesIsKept() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    #expect(fill(lane, "c", 150, at: start) == 150)
    var burst = client(1, 1)
    for name in names("c", 150) { #expect(lane.exists(name, at: start, &burst)) }
    let last = start + 5 * second
    #expect(fill(lane, "d", 400, at: last) == 400, "writers have the rest of the room")
    #expect(held(lane, names("c", 150)).count == 150)
    #expect(fill(lane, "e", 400, at: last + 2 * second) == 400)
    #expect(held(lane, names("c", 150)).isEmpty, "nobody came for them")
    store.checkInvariants()
  }

  @Test func whatWasFetchedIsLikeAnyOther() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    let (asker, writer, _) = clients()
    var (reads, writes) = (asker, writer)
    let held = fill(lane, "c", 230, at: start)
    for round in 0..<20 {
      let now = start + UInt64(round) * second
      for name in names("c", held) where lane.exists(name, at: now, &reads) {
        let isFound = lane.find(name, at: now, &reads) != nil
        #expect(isFound)
      }
      #expect(fill(lane, "n\(round)x", 20, at: now, &writes) == 20)
      #expect(store.snapshot(now: now).leasedBytes == 0)
    }
    #expect(lane.counters.leasesBroken.value == 0 && lane.counters.leasesRefused.value == 0)
  }

  @Test func anothersPromiseStands() throws {
    let store = try Store.make(mebibytes: 8)
    let lane = store.lane(0)
    var (one, two, three) = clients()
    lane.put("both", length: chunk, at: start)
    lane.put("unmatched", length: chunk, at: start)
    for name in ["both", "unmatched"] {
      #expect(lane.exists(name, at: start, &one) && lane.exists(name, at: start, &two))
    }
    let size = chunk + Limits.recordBytes
    #expect(store.snapshot(now: start).leasedBytes == 2 * size)
    _ = lane.find("both", at: start, &one) == nil
    #expect(store.snapshot(now: start).leasedBytes == 2 * size, "the other has not come")
    _ = lane.find("unmatched", at: start, &three) == nil
    #expect(store.snapshot(now: start).leasedBytes == size, "a fetcher that never asked settles it for all")
    let later = start + 4 * second
    #expect(fill(lane, "f", 300, at: later) == 300)
    #expect(held(lane, ["both", "unmatched"]) == ["both"])
    _ = lane.find("both", at: later, &two) == nil
    #expect(store.snapshot(now: later).leasedBytes == 0)
    store.checkInvariants()
  }

  @Test(arguments: [
    "model@8@%@5bf1c2@bfloat16", "vllm@meta/Llama@8@%@77", "m@08%000%0@1@ab12cd34", "prefix@m@08%000%0@1@ab12cd34",
  ])
  func aPromiseCoversSisterRanks(form: String) throws {
    let store = try Store.make(mebibytes: 8)
    let lane = store.lane(0)
    func key(_ rank: Int) -> String { form.map { $0 == "%" ? "\(rank)" : "\($0)" }.joined() }
    let ranks = (0..<8).map(key)
    for name in ranks { lane.put(name, length: chunk, at: start) }
    lane.put(
      form.replacing("bf1c2", with: "bf1c3").replacing("77", with: "78").replacing("ab12", with: "ab13"), length: chunk,
      at: start)
    var burst = client(1, 1)
    #expect(lane.exists(ranks[0], at: start, &burst))
    #expect(store.snapshot(now: start).leasedBytes == 8 * (chunk + Limits.recordBytes))
    let later = start + 5 * second
    #expect(fill(lane, "f", 300, at: later) == 300)
    #expect(held(lane, ranks) == ranks)
    // Each rank settles its own.
    for (count, name) in ranks.enumerated() {
      #expect(store.snapshot(now: later).leasedBytes == (8 - count) * (chunk + Limits.recordBytes))
      _ = lane.find(name, at: later, &burst) == nil
    }
    store.checkInvariants()
  }

  @Test func askingAloneHoldsNoRoom() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    var (asker, writer, other) = clients()
    let held = fill(lane, "c", 300, at: start)
    let all = names("c", 300).filter { lane.exists($0, at: start, &asker) }
    #expect(all.count < held && all.count > 200)
    for step in 1...29 {
      for name in all { #expect(lane.exists(name, at: start + UInt64(step) * second, &asker)) }
    }
    #expect(fill(lane, "d", 20, at: start + 29 * second, &writer) == 0, "for as long as a promise lasts")
    for step in 32...80 {
      let now = start + UInt64(step) * second
      for name in all { _ = lane.exists(name, at: now, &asker) }
      #expect(fill(lane, "e\(step)x", 5, at: now, &writer) == 5, "and not a second time")
      #expect(store.snapshot(now: now).leasedBytes == 0)
    }
    // A fetch starts a new series.
    let now = start + 81 * second
    let left = self.held(lane, all)[0]
    _ = lane.find(left, at: now, &other) == nil
    #expect(lane.exists(left, at: now, &asker))
    #expect(store.snapshot(now: now).leasedBytes == chunk + Limits.recordBytes)
    #expect(lane.counters.leasesBroken.value == 0)
    store.checkInvariants()
  }

  @Test func aBurstThatIsBeingFetchedStays() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    var (reader, writer, idle) = clients()
    for name in names("c", 8) + names("other", 8) { lane.put(name, length: chunk, at: start) }
    for name in names("c", 8) { #expect(lane.exists(name, at: start, &reader)) }
    for name in names("other", 8) { #expect(lane.exists(name, at: start, &idle)) }
    for number in 0..<8 {
      let now = start + UInt64(number) * 3 * second
      let isFound = lane.find("c\(number)", at: now, &reader) != nil
      #expect(isFound, "c\(number) is fetched after \(3 * number) s")
      #expect(fill(lane, "w\(number)x", 300, at: now, &writer) == 300)
    }
    #expect(held(lane, names("other", 8)).isEmpty)
    #expect(lane.counters.leasesBroken.value == 0)
  }

  @Test func theTimeFollowsTheClients() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    var burst = client(1, 1)
    var now = start
    #expect(store.promiseSeconds == 5)
    lane.put("a", length: chunk, at: now)
    #expect(lane.exists("a", at: now, &burst))
    now += 12 * second
    _ = lane.find("a", at: now, &burst) == nil
    store.keepWithinBudget(now: now)
    #expect(store.promiseSeconds == 17, "the bound of the histogram above 12 s")
    for _ in 0..<100 {
      now += second
      store.keepWithinBudget(now: now)
    }
    #expect(store.promiseSeconds == 5, "what was slow once is forgotten")
  }

  /// A client that looks everything up again and again and never fetches, beside a writer and a reader.
  /// Whether or not one more value has room than is promised before the store is full: a writer that finds no room is not gone.
  @Test(arguments: 0..<4)
  func aScannerLosesFirst(pagesLess: Int) throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    #expect(store.charge(pagesLess * chunk))
    var (scanner, writer, reader) = clients()
    let held = fill(lane, "c", 230, at: start, &writer)
    var written: [String] = []
    var (stored, offered) = (0, 0)
    for tick in 0..<240 {
      let now = start + UInt64(tick) * second / 4
      for name in names("c", held) + written { _ = lane.exists(name, at: now, &scanner) }
      let name = "w\(tick)"
      let isStored = lane.put(name, length: chunk, at: now, &writer)
      if tick >= 80 { (stored, offered) = (stored + (isStored ? 1 : 0), offered + 1) }
      if isStored {
        written.append(name)
        #expect(lane.exists(name, at: now, &reader), "the reader is not the scanner")
        let isFound = lane.find(name, at: now, &reader) != nil
        #expect(isFound)
      }
      store.keepWithinBudget(now: now)
    }
    #expect(offered == 160 && stored == offered)
    #expect(lane.counters.leasesBroken.value == 0)
  }

  @Test func aLonelyClientIsNeverToldNo() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    var burst = client(1, 1)
    var now = start
    var newest: [String] = []
    for step in 0..<2000 {
      now += second / 20
      if lane.put("c\(step)", length: chunk, at: now, &burst) { newest = newest.suffix(99) + ["c\(step)"] }
      for name in held(lane, newest.suffix(10)) { #expect(lane.exists(name, at: now, &burst)) }
      if step % 5 == 0 { store.keepWithinBudget(now: now) }
    }
    #expect(lane.counters.leasesRefused.value == 0)
  }

  @Test func freshThingsGoLast() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    var (asker, writer, _) = clients()
    _ = fill(lane, "c", 300, at: start)
    // Their promises are used up, but asking still makes them recent.
    for step in 0...40 {
      for name in held(lane, names("c", 300)) { _ = lane.exists(name, at: start + UInt64(step) * second, &asker) }
    }
    let now = start + 41 * second
    #expect(fill(lane, "new", 8, at: now, &writer) == 8)
    for name in held(lane, names("c", 300)) { _ = lane.exists(name, at: now + second, &asker) }
    lane.flush(now: now + second)
    #expect(fill(lane, "more", 8, at: now + second, &writer) == 8)
    #expect(held(lane, names("new", 8)).count == 8, "stored a second ago, and less than a twentieth")
    store.checkInvariants()
  }

  @Test func missesAreCountedByTheirCause() throws {
    let store = try Store.make(mebibytes: 8)
    let lane = store.lane(0)
    var (one, two, _) = clients()
    for name in ["deleted", "fetched", "late", "told"] {
      lane.put(name, length: chunk, at: start)
      #expect(lane.exists(name, at: start, &one))
    }
    #expect(lane.remove("deleted"))
    #expect(!lane.has("deleted", at: start) && !lane.has("deleted", at: start + 3 * second))
    #expect(lane.counters.leasesWithdrawn.value == 2)
    _ = lane.find("fetched", at: start, &two) == nil
    #expect(fill(lane, "f", 300, at: start + 3 * second) == 300)
    #expect(!lane.has("fetched", at: start + 3 * second))
    #expect(lane.counters.missesAfterFetch.value == 1)
    #expect(fill(lane, "g", 300, at: start + 20 * second) == 300)
    #expect(!lane.has("late", at: start + 20 * second))
    #expect(lane.counters.leasesBroken.value == 0 && lane.counters.leasesWithdrawn.value == 2)
  }

  @Test func withoutLeasesEverythingMayGo() throws {
    let store = try Store.make(mebibytes: 4, lease: 0)
    let lane = store.lane(0)
    lane.put("a", length: chunk, at: 0)
    var burst = TouchBurst()
    #expect(lane.exists("a", at: 0, &burst))
    #expect(store.snapshot().leasedBytes == 0)
  }
}

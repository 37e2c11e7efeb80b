import Base
import Testing

@testable import Store

/// What is held and used by model, tag and client.
@Suite
struct UsageTests {
  private func rows(_ store: Store, _ group: UsageGroup) -> [String: UsageFigures] {
    Dictionary(uniqueKeysWithValues: store.usage(of: group).map { ($0.label, $0) })
  }

  private func burst(_ store: Store, _ client: ClientPlace) -> TouchBurst {
    TouchBurst(asker: store.asker(identity: 1, connection: 1, client: client))
  }

  private func put(_ lane: Lane, _ key: String, bytes: Int = 5000, at now: UInt64, _ burst: inout TouchBurst) throws {
    #expect(lane.put(key, length: bytes, at: now, &burst))
  }

  private func fetch(_ lane: Lane, _ key: String, at now: UInt64, _ burst: inout TouchBurst) -> Bool {
    lane.find(key, at: now, &burst) != nil
  }

  @Test func aChunkIsItsModelsItsTagsAndItsWriters() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    let (one, other) = (store.openClient(address: "10.0.0.1"), store.openClient(address: "10.0.0.2"))
    var (writer, reader) = (burst(store, one), burst(store, other))
    try put(lane, "vllm@a@1@0@1@half@tenant%x", at: second, &writer)
    try put(lane, "vllm@a@1@0@2@half", at: second, &writer)
    try put(lane, "vllm@b@1@0@1@half@tenant%y", bytes: 70_000, at: second, &reader)
    try put(lane, "key", at: second, &reader)
    #expect(lane.exists("vllm@a@1@0@1@half@tenant%x", at: second, &reader))
    #expect(!lane.exists("vllm@a@1@0@9@half@tenant%x", at: second, &reader))
    for _ in 0..<3 { #expect(fetch(lane, "vllm@a@1@0@1@half@tenant%x", at: 2 * second, &reader)) }
    #expect(fetch(lane, "vllm@a@1@0@2@half", at: 2 * second, &writer))
    #expect(!fetch(lane, "vllm@c@1@0@2@half", at: 2 * second, &writer))

    let models = rows(store, .model)
    #expect(models["a"]?.holdings == UsageHoldings(chunks: 2, bytes: 10_000, leading: 2))
    #expect(models["b"]?.holdings == UsageHoldings(chunks: 1, bytes: 70_000, leading: 1))
    #expect(models["none"]?.holdings.chunks == 1)
    #expect(models["a"]?[.puts] == 2 && models["a"]?[.putBytes] == 10_000)
    #expect(models["a"]?[.lookupsFound] == 1 && models["a"]?[.lookupsMissed] == 1)
    #expect(models["a"]?[.fetchesFound] == 4 && models["a"]?[.fetchedBytes] == 20_000)
    #expect(models["other"]?[.fetchesMissed] == 1, "a model that never stored anything has no row")
    let tags = rows(store, .tag)
    #expect(tags["tenant%x"]?.holdings.chunks == 1 && tags["tenant%x"]?[.fetchesFound] == 3)
    #expect(tags["tenant%y"]?.holdings.bytes == 70_000)
    let clients = rows(store, .client)
    #expect(clients["10.0.0.1"]?.holdings == UsageHoldings(chunks: 2, bytes: 10_000, leading: 2, connections: 1))
    #expect(clients["10.0.0.1"]?[.fetchedOwn] == 1 && clients["10.0.0.1"]?[.fetchedByOthers] == 3)
    #expect(clients["10.0.0.2"]?[.fetchedOthers] == 3 && clients["10.0.0.2"]?[.fetchedByOthers] == 0)
    #expect(clients["10.0.0.2"]?[.puts] == 2 && clients["10.0.0.1"]?[.fetchesMissed] == 1)
    store.checkInvariants()
  }

  @Test func whatGoesIsNobodysAnyMore() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    var writer = burst(store, store.openClient(address: "10.0.0.1"))
    for _ in 0..<3 { try put(lane, "vllm@a@1@0@1@half", at: second, &writer) }
    #expect(
      rows(store, .model)["a"]?.holdings == UsageHoldings(chunks: 1, bytes: 5000, leading: 1), "it was replaced twice")
    #expect(rows(store, .model)["a"]?[.puts] == 3)
    #expect(lane.remove("vllm@a@1@0@1@half"))
    #expect(rows(store, .model)["a"]?.holdings.isEmpty == true)
    #expect(rows(store, .client)["10.0.0.1"]?.holdings.chunks == 0)
    store.checkInvariants()
  }

  /// Eviction, too, with as much pressure as it takes.
  @Test func evictionGivesBackWhatWasHeld() throws {
    let store = try Store.make(mebibytes: 4, lease: 0)
    let lane = store.lane(0)
    var writer = burst(store, store.openClient(address: "10.0.0.1"))
    for index in 0..<400 {
      try put(lane, "vllm@m\(index % 3)@1@0@\(index)@half", bytes: 40_000, at: UInt64(index + 1) * second, &writer)
    }
    let held = store.usage(of: .model).reduce(0) { $0 + $1.holdings.chunks }
    #expect(held == store.snapshot().objects && held < 400)
    #expect(store.withLifetimes { $0.cumulative(upTo: Histogram.boundCount) } == 400 - UInt64(held))
    #expect(store.withIdleTimes { $0.sumNanoseconds } > 0)
    // What is asked for again was missed by as many seconds as it has been gone.
    #expect(!lane.exists("vllm@m0@1@0@0@half", at: 500 * second, &writer))
    #expect(!lane.exists("vllm@m0@1@0@0@half", at: 501 * second, &writer), "told once")
    #expect(lane.counters.evictReuseGaps.cumulative(upTo: Histogram.boundCount) == 1)
    store.checkInvariants()
  }

  @Test func namesBeyondTheTableAreTheOthers() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    var writer = burst(store, .none)
    for index in 0..<100 { try put(lane, "vllm@m\(index)@1@0@1@half", at: second, &writer) }
    let models = rows(store, .model)
    #expect(models.count == Limits.modelPlaces)
    #expect(models["other"]?.holdings.chunks == 100 - (Limits.modelPlaces - 2))
    #expect(models.values.reduce(0) { $0 + $1[.puts] } == 100)
    store.checkInvariants()
  }

  /// A name under which nothing is held gives its place away, but not before it has rested; its counts stay with the others.
  @Test func anEmptyNameGivesWayAfterAWhile() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    var writer = burst(store, .none)
    let last = Limits.modelPlaces - 3
    for index in 0...last { try put(lane, "vllm@m\(index)@1@0@1@half", at: second, &writer) }
    #expect(lane.remove("vllm@m3@1@0@1@half"))
    try put(lane, "vllm@late@1@0@1@half", at: 2 * second, &writer)
    #expect(rows(store, .model)["late"] == nil && rows(store, .model)["m3"] != nil)
    let later = Limits.usageNameRestNanoseconds + 3 * second
    try put(lane, "vllm@later@1@0@1@half", at: later, &writer)
    let models = rows(store, .model)
    #expect(models["m3"] == nil && models["later"]?.holdings.chunks == 1 && models["later"]?[.puts] == 1)
    #expect(models["other"]?[.puts] == 2, "those of m3 and of late")
    #expect(models.values.reduce(0) { $0 + $1[.puts] } == UInt64(last) + 3)
    // Names that stayed are still found.
    #expect(!lane.exists("vllm@m5@1@0@2@half", at: later, &writer))
    #expect(rows(store, .model)["m5"]?[.lookupsMissed] == 1)
    store.checkInvariants()
  }

  static let unpresentable = ["other", "none", "a b", "caf\u{E9}", String(repeating: "x", count: 129), "a\u{7}"]

  @Test(arguments: unpresentable)
  func aNameThatALabelCannotShowIsOneOfTheOthers(name: String) throws {
    let store = try Store.make(mebibytes: 16)
    var writer = burst(store, .none)
    try put(store.lane(0), "vllm@\(name)@1@0@1", at: second, &writer)
    #expect(rows(store, .model).keys.sorted() == ["none", "other"])
    #expect(rows(store, .model)["other"]?.holdings.chunks == 1)
  }

  @Test func aClientKeepsItsPlaceWhileItIsConnected() throws {
    let store = try Store.make(mebibytes: 4)
    let clients = (2..<Limits.clientPlaces).map { store.openClient(address: "10.0.1.\($0)") }
    let late = store.openClient(address: "10.9.9.9")
    #expect(rows(store, .client)["10.9.9.9"] == nil && rows(store, .client)["other"]?.holdings.connections == 1)
    store.closeClient(late)
    store.closeClient(clients[4])
    store.keepWithinBudget(now: Limits.usageNameRestNanoseconds + second)
    store.closeClient(store.openClient(address: "10.9.9.8"))
    let rows = rows(store, .client)
    #expect(rows["10.9.9.8"] != nil && rows["10.0.1.6"] == nil && rows["10.0.1.7"]?.holdings.connections == 1)
  }

  @Test func agesSurviveTheirThreeBytes() {
    for seconds: UInt64 in [0, 1, 255, 256, 70_000, 16_000_000] {
      let stored = StoredAt(tenths: Entry.tenths(5 * second))
      #expect(StoredAt.age(of: stored, now: (5 + seconds) * second) == (seconds < 0x7F_FFFF ? Int(seconds) : 0))
    }
    #expect(StoredAt.age(of: StoredAt(tenths: 100), now: 9 * second) == 0, "another loop's clock is ahead")
  }
}

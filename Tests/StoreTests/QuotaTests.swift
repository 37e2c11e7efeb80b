import Base
import Testing

@testable import Store

/// Quotas of models and tags: bytes at most, and what goes for them.
@Suite struct QuotaTests {
  private let length = 200_000
  /// Of a chunk of that length.
  private let bytes = Footprint(length: 200_000).bytes

  private func store(_ quotas: [Quota], policy: EvictionPolicy = .lru, lease: Int = 30) throws -> Store {
    var configuration = StoreConfiguration(budgetBytes: 64 * mebibyte, leaseSeconds: lease, hashSeed: 42)
    configuration.policy = policy
    configuration.quotas = quotas
    let store = try Store(configuration)
    store.populate()
    return store
  }

  private func key(_ model: String, _ number: Int, rank: Int = 0, of world: Int = 1) -> String {
    "\(model)@\(world)@\(rank)@\(number)@bfloat16"
  }

  // MARK: Which keys

  static let quotas = [
    Quota(.model("llama"), bytes: 1 << 20), Quota(.tag(name: "team", value: "a"), bytes: 1 << 20),
    Quota(.model("org/qwen*"), bytes: 1 << 20), Quota(.tag(name: "team", value: "*"), bytes: 1 << 20),
  ]

  static let keys: [(key: String, number: UInt8)] = [
    ("llama@1@0@ff@half", 1), ("vllm@llama@1@0@ff", 1), ("sgl@llama@1@0@ff@half@team%a", 1), ("llama2@1@0@ff@half", 0),
    ("llama@00010000@ff", 1), ("prefix@llama@00010000@ff", 1), ("x@0001000a@ff@team%a", 2), ("llama@ff@half", 0),
    ("x@1@0@ff@half@team%a", 2), ("x@1@0@ff@half@user%u@team%a", 2), ("x@1@0@ff@half@team%ab", 4),
    ("x@1@0@ff@team%a@user%u", 2), ("org/qwen3@1@0@ff@half", 3), ("org/qwen@1@0@ff@half@team%b", 3),
    ("org/qwe@1@0@ff@half", 0), ("llama", 0), ("x@1@0@ff@half", 0), ("x@1@0@ff@half@steam%a", 0),
    ("x@team%a@1@0@ff@half", 0), ("@", 0), ("", 0), ("test@1@0@0@half", 0),
    (String(repeating: "@", count: 60_000) + "team%a", 0),
  ]

  @Test(arguments: keys) func aKeyCountsForTheFirstQuotaItFits(key: String, number: UInt8) throws {
    let table = try #require(QuotaTable(Self.quotas))
    #expect(Array(key.utf8).withUnsafeBytes { table.number(of: $0) } == number)
  }

  @Test func withoutQuotasNothingIsKeptOfThem() throws {
    #expect(QuotaTable([]) == nil)
    let (plain, with) = (try store([]), try store([Quota(.model("m"), bytes: mebibyte)]))
    let each = [plain, with].map { $0.snapshot().recordBytesEach }
    #expect(each[0] == Limits.recordBytes && each[1] == each[0] + 8)
    #expect(plain.quotas.isEmpty)
  }

  // MARK: What goes

  /// The values of a model that are left are those used last, as many as fit; others lose nothing.
  @Test(arguments: [EvictionPolicy.lru, .returns]) func theColdestOfItsOwnGo(policy: EvictionPolicy) throws {
    let store = try store([Quota(.model("m"), bytes: 5 * bytes)], policy: policy, lease: 0)
    let lane = store.lane(0)
    var random = SplitMix64(seed: 3)
    var order: [Int] = []
    for number in 0..<40 { #expect(lane.put(key("other", number), length: length, at: second)) }
    for step in 0..<400 {
      let (now, number) = (UInt64(step + 2) * second, random.pick(0...11))
      if random.chance(perMille: 500) {
        #expect(lane.put(key("m", number), length: length, at: now))
        // While it arrives the old value is still there: both find room.
        if order.count == 5 { order.removeFirst() }
        order = order.filter { $0 != number } + [number]
      } else {
        let isThere = lane.has(key("m", number), at: now)
        #expect(isThere == order.contains(number), "step \(step)")
        if isThere { order = order.filter { $0 != number } + [number] }
      }
      store.checkInvariants()
      guard Set(order) == Set((0...11).filter { peek(store, key("m", $0)) }) else {
        Issue.record("step \(step): \(order)")
        return
      }
    }
    for number in 0..<40 { #expect(lane.has(key("other", number), at: 500 * second)) }
    let figures = try #require(store.quotas.first)
    #expect(figures.name == "model=m" && figures.bytesMax == 5 * bytes && figures.bytes == figures.chunks * bytes)
    #expect(figures.evicted > 50 && figures.evicted == store.evicted(for: .quota) && store.evicted == figures.evicted)
    #expect(figures.dropped == 0)
  }

  /// Neither a hit nor a touch.
  private func peek(_ store: Store, _ key: String) -> Bool {
    var isThere = false
    for stripe in 0..<Lane.stripeCount {
      store.lane(0).forEachKey(stripe: stripe, kind: .plain, now: 0) { found in
        if found.withUnsafeBytes({ $0.elementsEqual(key.utf8) }) { isThere = true }
      }
    }
    return isThere
  }

  @Test func aWalkGoesFromItsEnd() throws {
    let store = try store([Quota(.model("m"), bytes: 4 * bytes)], lease: 0)
    let lane = store.lane(0)
    var burst = TouchBurst()
    for number in 0..<4 { lane.put(key("m", number), length: length, at: second, &burst) }
    lane.put(key("m", 9), length: length, at: 2 * second)
    #expect((0..<4).map { lane.has(key("m", $0), at: 3 * second) } == [true, true, true, false])
  }

  @Test func whatIsPromisedOrReadStays() throws {
    let store = try store([Quota(.tag(name: "team", value: "a"), bytes: 3 * bytes)])
    let lane = store.lane(0)
    func tagged(_ number: Int) -> String { key("m", number) + "@team%a" }
    var burst = TouchBurst()
    for number in 0..<3 { #expect(lane.put(tagged(number), length: length, version: number, at: second)) }
    #expect(lane.exists(tagged(0), at: second, &burst))
    let pin = lane.find(tagged(1), at: second, &burst)
    #expect(lane.put(tagged(3), length: length, at: second), "the third may go")
    #expect(lane.exists(tagged(3), at: second, &burst))
    #expect(!lane.put(tagged(4), length: length, at: second))
    #expect(lane.counters.drops(.quota) == 1 && store.quotas[0].dropped == 1)
    #expect(lane.put(key("m", 4), length: length, at: second), "those without the tag have room")
    store.checkInvariants()
    #expect(lane.has(tagged(0), at: 2 * second) && lane.has(tagged(3), at: 2 * second))
    let isWhole = pin?.holds(version: 1) == true
    #expect(isWhole)
    _ = consume pin
    #expect(lane.put(tagged(4), length: length, at: 3 * second), "what is read no more may go")
    #expect(lane.counters.leasesBroken.value == 0)
    store.checkInvariants()
  }

  @Test func whatCouldNeverFitCostsNothing() throws {
    let store = try store([Quota(.model("m"), bytes: 3 * bytes)])
    let lane = store.lane(0)
    for number in 0..<3 { #expect(lane.put(key("m", number), length: length, at: second)) }
    #expect(!lane.put(key("m", 3), length: 4 * length, at: second))
    #expect(lane.counters.drops(.quota) == 1)
    #expect((0..<3).allSatisfy { lane.has(key("m", $0), at: second) })
    #expect(lane.put("test@1@0@0@half", length: 100, at: second), "the recovery check counts for nothing")
    store.checkInvariants()
  }

  /// Bodies that arrive count as they grow, and give everything back.
  @Test func bodiesInFlightCount() throws {
    let store = try store([Quota(.model("m"), bytes: 3 * bytes)])
    let lane = store.lane(0)
    #expect(lane.put(key("m", 0), length: length, at: second))
    var first = lane.begin(key("m", 1), length: 2 * length, at: second)!
    #expect(first.extend(to: 2 * length, now: second) == .ready)
    #expect(!lane.has(key("m", 0), at: second) || store.quotas[0].bytes <= 3 * bytes)
    var other = lane.begin(key("m", 2), length: 2 * length, at: second)!
    #expect(other.extend(to: 2 * length, now: second) == .drop(.quota), "all that it holds is still arriving")
    other.abandon(.quota)
    store.checkInvariants()
    first.abandon(.silent)
    store.checkInvariants()
    #expect(lane.put(key("m", 2), length: 2 * length, at: second))
    #expect(lane.remove(key("m", 2)))
    store.checkInvariants()
  }

  /// Without one rank's part the others are of no use.
  @Test func sistersGoTogether() throws {
    let store = try store([Quota(.model("m"), bytes: 6 * bytes)], policy: .returns, lease: 0)
    let lane = store.lane(0)
    for number in 0..<3 {
      for rank in 0..<2 {
        #expect(lane.put(key("m", number, rank: rank, of: 2), length: length, at: UInt64(number + 1) * second))
      }
    }
    #expect(lane.put(key("m", 9, rank: 0, of: 2), length: length, at: 60 * second))
    let left = (0..<3).map { number in
      (0..<2).filter { lane.has(key("m", number, rank: $0, of: 2), at: 61 * second) }.count
    }
    #expect(left == [0, 2, 2])
    store.checkInvariants()
  }

  // MARK: Devices

  /// What only a device has does not count; when it comes back it does.
  @Test func whatIsOnADeviceDoesNotCount() throws {
    let device = try PretendDevice(mebibytes: 16, quotas: [Quota(.model("m"), bytes: 4 * bytes)])
    for number in 0..<12 {
      let now = UInt64(number + 1) * second
      #expect(device.client.put(key("m", number), length: length, version: number, at: now))
      device.write(now: now)
      device.store.checkInvariants()
    }
    #expect(device.away == 8 && device.store.quotas[0].chunks == 4)
    for number in 0..<12 {
      #expect(device.get(key("m", number), version: number, now: UInt64(100 + number) * second), "\(number)")
      device.store.checkInvariants()
    }
    #expect(device.store.quotas[0].bytes == 4 * bytes && device.away == 8)
    #expect(device.store.evicted(for: .quota) == 0, "nothing was lost")
    #expect(device.store.quotas[0].evicted >= 16)
  }
}

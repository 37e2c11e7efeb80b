import Base
import Glibc
import Testing

@testable import Store

@Suite(.serialized) struct PageTests {
  /// Sizes of real chunks, whole and layerwise.
  static let chunkBytes = [
    33_554_432, 1_048_576, 16_777_216, 524_288, 10_485_760, 131_072, 20_971_520, 83_886_080, 262_144, 67_108_864,
    17_989_632, 294_912, 8_994_816, 147_456,
  ]

  @Test(arguments: chunkBytes)
  func realChunksWasteLittle(bytes: Int) throws {
    let store = try Store.make(mebibytes: 512, lease: 0)
    let lane = store.lane(0)
    let count = max(2, min(40, 256 * mebibyte / bytes))
    for number in 0..<count {
      store.populate()
      #expect(lane.put("c\(number)", length: bytes - 1, at: 0))
    }
    let snapshot = store.snapshot()
    #expect(snapshot.objects == count)
    #expect(Double(snapshot.pageBytes) <= Double(count * bytes) * 1.05)
  }

  @Test func footprints() {
    func check(_ length: Int, _ pages: Int, _ units: Int) {
      let footprint = Footprint(length: length)
      #expect(footprint.pages == pages && footprint.units == units)
    }
    check(0, 0, 0)
    check(1, 0, 1)
    check(4096, 0, 1)
    check(4097, 0, 2)
    check(15 * 4096, 0, 15)
    check(15 * 4096 + 1, 1, 0)
    check(65_536, 1, 0)
    check(65_537, 1, 1)
    check(147_456, 2, 4)
  }

  @Test func fragmentsNeverOverlapAndPagesComeBack() throws {
    var pool = try FragmentPool(pageCount: 64)
    var random = SplitMix64(seed: 3)
    var nextPage: PageID = 0
    var spare: [PageID] = []
    var held: [Fragment] = []
    var masks: [PageID: UInt16] = [:]
    for _ in 0..<20_000 {
      if held.count < 200, random.chance(perMille: 550) {
        let units = random.pick(1...15)
        let fits = masks.values.contains { FragmentPool.longestRun(in: $0) >= units }
        var fragment = pool.take(units: units)
        #expect((fragment != nil) == fits, "room in a shared page is used first")
        if fragment == nil {
          if spare.isEmpty, nextPage == 64 { continue }
          let page = spare.popLast() ?? nextPage
          if page == nextPage { nextPage += 1 }
          fragment = pool.take(units: units, from: page)
        }
        #expect(masks[fragment!.page, default: 0] & fragment!.mask == 0)
        #expect(fragment!.mask.nonzeroBitCount == units)
        masks[fragment!.page, default: 0] |= fragment!.mask
        held.append(fragment!)
      } else if !held.isEmpty {
        let fragment = held.remove(at: random.pick(0...held.count - 1))
        masks[fragment.page]! &= ~fragment.mask
        let isEmpty = pool.release(fragment)
        #expect(isEmpty == (masks[fragment.page] == 0))
        if isEmpty {
          masks[fragment.page] = nil
          spare.append(fragment.page)
        }
      }
    }
  }

  @Test func aFreedRunIsHandedOutAsARun() throws {
    let store = try Store.make(mebibytes: 32, lease: 0)
    let lane = store.lane(0)
    var burst = TouchBurst()
    for number in 0..<28 { lane.put("c\(number)", length: mebibyte, at: 0) }
    let runs = (5..<20).filter { pieces("c\($0)", in: lane, &burst) == 1 }
    #expect(runs.count > 5)
    #expect(lane.remove("c\(runs[0])") && lane.remove("c\(runs[4])"))
    lane.put("again", length: mebibyte, at: 0)
    #expect(pieces("again", in: lane, &burst) == 1)
  }

  private func pieces(_ key: String, in lane: Lane, _ burst: inout TouchBurst) -> Int {
    guard let pin = lane.find(key, at: 0, &burst) else { return 0 }
    return withUnsafeTemporaryAllocation(of: iovec.self, capacity: 8) { vectors in
      pin.regions(from: 0, max: mebibyte, into: vectors)
    }
  }

  @Test func emptyValues() throws {
    let store = try Store.make(mebibytes: 4)
    let lane = store.lane(0)
    #expect(lane.put("empty", length: 0, meta: meta(1), at: 0))
    var burst = TouchBurst()
    let pin = lane.find("empty", .withMeta, at: 0, &burst)!
    let (length, found) = (pin.length, pin.meta)
    #expect(length == 0 && found == meta(1))
    let isPlain = lane.find("empty", .plain, at: 0, &burst) != nil
    #expect(!isPlain, "the other kind does not see it")
    _ = consume pin
    store.checkInvariants()
  }

  @Test func manySmallKeysGrowTheIndexWithinTheBudget() throws {
    let store = try Store.make(mebibytes: 8, lease: 0)
    let lane = store.lane(0)
    for number in 0..<40_000 { #expect(lane.put("key\(number)", length: number % 3, at: 0)) }
    let snapshot = store.snapshot()
    #expect(snapshot.usedBytesHighWater <= snapshot.budgetBytes)
    #expect(snapshot.objects > 1000)
    #expect(lane.has("key39999", at: 0))
    store.checkInvariants()
  }

  @Test func equalTagsAreToldApartByTheirKeys() throws {
    var table = StripeTable(try EntryTable.make(reachBytes: mebibyte).1, nil)
    defer { table.deallocate() }
    for id in 1...10 { table.insert(0xABCD_0000_0000_0007, EntryID(id)) }
    for id in 1...10 { #expect(table.find(7) { $0 == id } != nil) }
    table.remove(at: table.find(7) { $0 == 4 }!)
    #expect(table.find(7) { $0 == 4 } == nil)
    for id in 5...10 { #expect(table.find(7) { $0 == id } != nil) }
  }

  @Test func theIndexAgreesWithADictionary() throws {
    var table = StripeTable(try EntryTable.make(reachBytes: mebibyte).1, nil)
    defer { table.deallocate() }
    var random = SplitMix64(seed: 11)
    var model: [UInt64: EntryID] = [:]
    for step in 1...30_000 {
      // Few homes, some wrapped, so that runs are long.
      let hash = UInt64(random.pick(0...60)) &* 0x0FFF_FFFB % 4096
      if let id = model[hash] {
        let slot = table.find(hash) { $0 == id }
        #expect(slot != nil)
        table.remove(at: slot!)
        model[hash] = nil
      } else {
        if !table.hasRoom { table.grow() }
        table.insert(hash, EntryID(step))
        model[hash] = EntryID(step)
      }
      #expect(table.count == model.count)
    }
    for (hash, id) in model { #expect(table.find(hash) { $0 == id } != nil) }
  }
}

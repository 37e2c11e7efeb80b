import Base
import Testing

@testable import Objects
@testable import Store

/// What somebody who administers removes goes everywhere, and nothing else does.
@Suite struct RemovalTests {
  private func steps(
    _ lane: Lane, where isWanted: (String) -> Bool, meanwhile: () -> Void = {}
  ) -> (removal: Removal, steps: Int) {
    var (removal, cursor, steps) = (Removal(), UInt64(0), 0)
    repeat {
      let before = removal.values
      cursor = lane.removeSome(from: cursor, counting: &removal) { isWanted(String(decoding: $0, as: UTF8.self)) }
      #expect(removal.values - before < Limits.removalsPerStep + 16, "a step is bounded")
      steps += 1
      meanwhile()
    } while cursor != 0
    return (removal, steps)
  }

  @Test(arguments: 1...6)
  func exactlyWhatIsWantedGoes(seed: Int) throws {
    let store = try Store.make(mebibytes: 64)
    let lane = store.lane(0)
    var random = SplitMix64(seed: UInt64(seed))
    // Some keys are longer than a record has room for.
    let longest = random.pick(10...900)
    let names = (0..<3000).map {
      "\(random.pick(0...2))\(String(repeating: "x", count: random.pick(0...longest)))\($0)"
    }
    for name in names { lane.set(name, length: 7, at: 0) }
    let (removal, count) = steps(lane) { $0.hasPrefix("1") }
    let wanted = names.filter { $0.hasPrefix("1") }
    #expect(removal.values == wanted.count && removal.bytes == 7 * wanted.count && removal.onDiskOnly == 0)
    #expect(count > wanted.count / (Limits.removalsPerStep + 16))
    for name in names { #expect(lane.exists(name: name, at: 0) != name.hasPrefix("1")) }
    store.checkInvariants()
    #expect(steps(lane) { $0.hasPrefix("1") }.removal == Removal())
    #expect(steps(lane) { _ in true }.removal.values == names.count - wanted.count)
    #expect(lane.keyCount() == 0)
    store.checkInvariants()
  }

  /// Tables double between steps, and values of the same kind go on coming.
  @Test(arguments: 1...4)
  func whatWasThereBeforeGoesWhateverComes(seed: Int) throws {
    let store = try Store.make(mebibytes: 64)
    let lane = store.lane(0)
    var random = SplitMix64(seed: UInt64(seed))
    for number in 0..<1500 { lane.set("old\(number)", length: 1, at: 0) }
    for number in 0..<500 { lane.set("kept\(number)", length: 1, at: 0) }
    var born = 0
    _ = steps(lane) {
      !$0.hasPrefix("kept")
    } meanwhile: {
      for _ in 0..<random.pick(0...400) where born < 8000 {
        lane.set("new\(born)", length: 1, at: 0)
        born += 1
      }
    }
    #expect(born > 1000)
    for number in 0..<1500 { #expect(!lane.exists(name: "old\(number)", at: 0)) }
    for number in 0..<500 { #expect(lane.exists(name: "kept\(number)", at: 0)) }
    store.checkInvariants()
  }

  @Test func whatOnlyADeviceHasGoesThereToo() throws {
    let device = try PretendDevice()
    for number in 0..<6 {
      device.client.put("k\(number)", length: 300_000, version: number, meta: meta(number), at: second)
    }
    device.write(now: second)
    device.emptyMemory(now: second)
    #expect(device.get("k0", .withMeta, version: 0, now: second), "one is in memory again")
    let (removal, _) = steps(device.client) { $0 == "k0" || $0 == "k1" || $0 == "k2" }
    #expect(removal.values == 3 && removal.bytes == 900_000 && removal.onDiskOnly == 2)
    let single = Array("k3".utf8).withUnsafeBytes { device.client.removeAll(key: $0, now: second) }
    #expect(single.values == 1 && single.bytes == 300_000 && single.onDiskOnly == 1)
    device.takeNews()
    #expect(Set(device.buried) == Set(device.records[0..<4].map(\.place)))
    #expect(device.get("k4", .withMeta, version: 4, now: second))
    device.store.checkInvariants()
  }

  /// Both halves of an object, and what lies beside them under the same key.
  @Test func aKeyIsEverythingUnderIt() throws {
    let store = try Store.make(mebibytes: 8)
    let lane = store.lane(0)
    lane.set("k", length: 5, at: 0)
    lane.set("kkv_bytes", length: 6, at: 0)
    lane.set("kmetadata", length: 7, at: 0)
    lane.set("l", length: 8, at: 0)
    let removal = Array("k".utf8).withUnsafeBytes { lane.removeAll(key: $0, now: 0) }
    #expect(removal.values == 3 && removal.bytes == 18)
    #expect(!lane.exists(name: "k", at: 0) && !lane.exists(name: "kkv_bytes", at: 0) && lane.exists(name: "l", at: 0))
    #expect(Array("k".utf8).withUnsafeBytes { lane.removeAll(key: $0, now: 0) } == Removal())
    store.checkInvariants()
  }

  @Test func aDeviceThatIsNotKnownIsSaidToBe() throws {
    var configuration = StoreConfiguration(
      budgetBytes: 16 * mebibyte, leaseSeconds: 0, hashSeed: 1, laneCount: 2, clientsMax: 8)
    let books = DiskBooks(deviceCount: 1, offering: .stored)
    configuration.disk = books
    let store = try Store(configuration)
    #expect(!store.lane(0).knowsAllDevices)
    books.endLoading(0)
    #expect(store.lane(0).knowsAllDevices)
    books.beginLoading(0)
    #expect(!store.lane(0).knowsAllDevices)
    #expect(try Store.make(mebibytes: 16).lane(0).knowsAllDevices)
  }
}

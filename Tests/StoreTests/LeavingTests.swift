import Base
import Testing

@testable import Objects
@testable import Store

/// Eviction hands values to a device, and waits for it no longer than that pays.
@Suite struct LeavingTests {
  private let length = 100_000
  private let footprint = Footprint(length: 100_000).bytes

  private func put(_ range: Range<Int>, _ device: PretendDevice, at now: UInt64) {
    for number in range { device.client.put("k\(number)", length: length, version: number, at: now) }
  }

  /// Those of the first `count` that can still be read.
  private func left(_ count: Int, _ device: PretendDevice, at now: UInt64) -> Int {
    (0..<count).count { device.get("k\($0)", version: $0, now: now) }
  }

  @Test func nothingIsOfferedBeforeItsTurn() throws {
    let device = try PretendDevice(offering: .leaving)
    put(0..<10, device, at: second)
    #expect(device.takeNews().isEmpty && device.leavingBytes == 0)
  }

  @Test(arguments: [DiskBooks.Offering.stored, .leaving])
  func whatIsToGoIsWrittenBefore(offering: DiskBooks.Offering) throws {
    let device = try PretendDevice(offering: offering)
    put(0..<4, device, at: second)
    _ = device.takeNews()
    device.emptyMemory(now: second)
    #expect(device.client.keyCount() == 4 && device.leavingBytes == 4 * footprint)
    let leaving = device.takeNews().leaving
    #expect(leaving.count == 4)
    device.emptyMemory(now: 2 * second)
    #expect(device.takeNews().leaving.isEmpty, "they are asked for once")
    for ref in leaving { #expect(device.write(ref, now: 2 * second) != nil) }
    #expect(device.leavingBytes == 0)
    device.emptyMemory(now: 3 * second)
    #expect(device.away == 4 && device.store.evicted == 0)
    #expect(left(4, device, at: 4 * second) == 4)
    device.store.checkInvariants()
  }

  /// While one is being written it is pinned; when that ends it goes as soon as anything does.
  @Test func whatIsBeingWrittenStays() throws {
    let device = try PretendDevice(offering: .leaving)
    put(0..<1, device, at: second)
    device.emptyMemory(now: second)
    let ref = try #require(device.takeNews().leaving.first)
    device.write(ref, now: second) {
      device.emptyMemory(now: 2 * second)
      #expect(device.client.keyCount() == 1 && device.away == 0)
    }
    device.emptyMemory(now: 3 * second)
    #expect(device.away == 1)
  }

  @Test func whatIsRefusedIsEvicted() throws {
    let device = try PretendDevice(offering: .leaving)
    put(0..<4, device, at: second)
    device.emptyMemory(now: second)
    for ref in device.takeNews().leaving { device.lane.refuse(ref) }
    #expect(device.leavingBytes == 0)
    device.emptyMemory(now: 2 * second)
    #expect(device.client.keyCount() == 0 && device.store.evicted == 4 && device.takeNews().isEmpty)
    device.store.checkInvariants()
  }

  /// Neither those that were asked for before, nor others.
  @Test func nobodyWaitsForADeviceThatStops() throws {
    let device = try PretendDevice(offering: .leaving)
    put(0..<4, device, at: second)
    device.emptyMemory(now: second)
    device.books.devices[0].isWriting = false
    put(4..<6, device, at: 2 * second)
    device.emptyMemory(now: 3 * second)
    #expect(device.client.keyCount() == 0 && device.leavingBytes == 0)
    let batch = device.takeNews()
    #expect(batch.stored.isEmpty && batch.leaving.count == 4)
    for ref in batch.leaving { #expect(device.write(ref, now: 3 * second) == nil) }
    device.store.checkInvariants()
  }

  /// A device that takes its time holds up no PUT, and what waits for it is bounded.
  @Test(arguments: [EvictionPolicy.lru, .returns]) func aSlowDeviceIsPassedBy(policy: EvictionPolicy) throws {
    let device = try PretendDevice(offering: .leaving, policy: policy)
    let leavingMax = device.configuration.budgetBytes / Limits.leavingShare
    for number in 0..<400 {
      let now = UInt64(number) * second / 10
      #expect(device.client.put("k\(number)", length: length, version: number, at: now))
      #expect(device.leavingBytes <= leavingMax)
    }
    #expect(device.leavingBytes + footprint > leavingMax && device.store.evicted > 300)
    #expect(device.books.devices[0].passedBy.value == device.store.evicted, "each is counted")
    device.store.checkInvariants()
    device.write(now: 50 * second)
    #expect(device.leavingBytes == 0 && device.living.count == leavingMax / footprint)
    device.emptyMemory(now: 100 * second)
    #expect(
      device.living.allSatisfy { record in
        if case .away = device.lane.locate(record.ref, now: 100 * second) { true } else { false }
      })
  }

  /// All of memory is written and filled anew before the clock moves: what is written goes at once.
  @Test(arguments: [DiskBooks.Offering.stored, .leaving], [EvictionPolicy.lru, .returns])
  func aFastDeviceLeavesRoom(offering: DiskBooks.Offering, policy: EvictionPolicy) throws {
    let device = try PretendDevice(offering: offering, policy: policy)
    for number in 0..<400 {
      #expect(device.client.put("k\(number)", length: length, version: number, at: second))
      device.write(now: second)
    }
    #expect(device.away > 200)
    device.store.checkInvariants()
  }

  /// Nobody has to wait for the next look at what waited.
  @Test func whatIsWrittenMayGoAtOnce() throws {
    let device = try PretendDevice(offering: .leaving)
    put(0..<4, device, at: second)
    device.emptyMemory(now: second)
    device.write(now: second)
    device.emptyMemory(now: second)
    #expect(device.away == 4)
  }

  /// The same of a device that refuses all.
  @Test(arguments: [EvictionPolicy.lru, .returns]) func aDeviceThatRefusesLeavesRoom(policy: EvictionPolicy) throws {
    let device = try PretendDevice(offering: .leaving, policy: policy)
    for number in 0..<400 {
      #expect(device.client.put("k\(number)", length: length, version: number, at: second))
      for ref in device.takeNews().leaving { device.lane.refuse(ref) }
    }
    #expect(device.books.devices[0].passedBy.value < device.store.evicted, "the device counts what it refused")
    device.store.checkInvariants()
  }

  /// A device that does nothing has all that could go, for the rest is promised: a PUT is not refused for it.
  @Test(arguments: [EvictionPolicy.lru, .returns]) func whatIsUnwrittenGoesBeforeAPutIsRefused(policy: EvictionPolicy)
    throws
  {
    let device = try PretendDevice(offering: .leaving, policy: policy)
    var (count, burst) = (0, TouchBurst())
    func putPromised() -> Bool {
      let isThere = device.client.put("k\(count)", length: length, version: count, at: second)
      count += 1
      return isThere && device.client.exists("k\(count - 1)", at: second, &burst)
    }
    put(1000..<1003, device, at: second)
    while device.store.evicted == 0 { try #require(putPromised()) }
    #expect(device.leavingBytes == 2 * footprint)
    for _ in 0..<2 { try #require(putPromised()) }
    #expect(device.store.evicted == 3 && device.leavingBytes == 0)
    #expect(device.books.devices[0].passedBy.value == 3, "each is counted")
    #expect(!putPromised(), "the rest is promised")
    device.store.checkInvariants()
  }

  /// As fast as memory is filled. What is offered only when its turn has come is lost where the queue is full: no PUT waits.
  @Test(arguments: [DiskBooks.Offering.stored, .leaving], [EvictionPolicy.lru, .returns])
  func aDeviceThatKeepsUpLosesLittle(offering: DiskBooks.Offering, policy: EvictionPolicy) throws {
    let device = try PretendDevice(offering: offering, policy: policy)
    for number in 0..<300 {
      let now = UInt64(number) * second
      #expect(device.client.put("k\(number)", length: length, version: number, at: now))
      device.write(now: now)
    }
    let left = left(300, device, at: 400 * second)
    #expect(left == 300 - Int(device.store.evicted))
    #expect(left >= (offering == .stored ? 300 : 200), "\(left)")
    device.store.checkInvariants()
  }

  @Test(arguments: ["overwritten", "removed", "flushed", "expired"])
  func whatGoesOtherwiseNoLongerWaits(end: String) throws {
    let device = try PretendDevice(offering: .leaving)
    put(0..<1, device, at: second)
    device.emptyMemory(now: second)
    #expect(device.leavingBytes == footprint)
    switch end {
    case "overwritten": put(0..<1, device, at: second)
    case "removed": #expect(device.client.remove("k0"))
    case "expired": #expect(device.client.expire("k0", atDeadline: 0, at: second))
    default: for stripe in 0..<Lane.stripeCount { device.client.removeAll(stripe: stripe) }
    }
    #expect(device.leavingBytes == 0)
    for ref in device.takeNews().leaving { #expect(device.write(ref, now: second) == nil) }
    device.store.checkInvariants()
  }

  /// A value that changes while it waits is still to leave, as what it has become.
  @Test func whatChangesWhileItWaitsIsWrittenAsItIs() throws {
    let device = try PretendDevice(offering: .leaving)
    put(0..<1, device, at: second)
    device.emptyMemory(now: second)
    #expect(device.client.expire("k0", atDeadline: 90 * second, at: second))
    device.write(now: second)
    #expect(device.living.map(\.said.deadline) == [90_000] && device.leavingBytes == 0)
    // In this mode what has changed since it was written waits for its turn again.
    #expect(device.client.persist("k0", at: second))
    device.emptyMemory(now: 2 * second)
    device.write(now: 2 * second)
    #expect(device.living.map(\.said.deadline) == [0])
    device.emptyMemory(now: 3 * second)
    #expect(device.away == 1)
  }

  @Test func onlySoManyAreOffered() throws {
    let news = DeviceNews()
    let store = try PretendDevice()
    put(0..<1, store, at: second)
    let ref = try #require(store.takeNews().stored.first)
    news.note(stored: ref)
    news.isWriting = true
    for _ in 0..<Limits.offeredMax + 5 { news.note(stored: ref) }
    for _ in 0..<Limits.wantedMax + 5 { news.note(wanted: ref) }
    var batch = DeviceNews.Batch()
    news.take(&batch)
    #expect(batch.stored.count == Limits.offeredMax && batch.wanted.count == Limits.wantedMax)
    news.take(&batch)
    #expect(batch.isEmpty)
  }

  /// Values go to all devices, and those of a key to the same one in every process, whatever becomes of the others.
  @Test func severalDevicesShareValues() throws {
    func offered(seed: UInt64, stopped: Int? = nil) throws -> [Int] {
      let books = DiskBooks(deviceCount: 3, offering: .stored)
      for (number, device) in books.devices.enumerated() { device.isWriting = number != stopped }
      var configuration = StoreConfiguration(
        budgetBytes: 8 * mebibyte, leaseSeconds: 30, hashSeed: seed, laneCount: 1)
      configuration.disk = books
      let store = try Store(configuration)
      store.populate()
      return (0..<300).map { number in
        store.lane(0).put("k\(number)", length: 100, at: second)
        var batch = DeviceNews.Batch()
        return books.devices.firstIndex { device in
          device.take(&batch)
          return !batch.stored.isEmpty
        } ?? -1
      }
    }
    let first = try offered(seed: 1)
    for device in 0..<3 { #expect(first.count { $0 == device } > 60) }
    #expect(try offered(seed: 2) == first)
    #expect(try offered(seed: 1, stopped: 1) == first.map { $0 == 1 ? -1 : $0 })
  }
}

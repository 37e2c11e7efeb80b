import Base
import Testing

@testable import Objects
@testable import Store

/// What clients were told of values that only a device has.
@Suite struct DevicePromiseTests {
  private let length = 200_000
  private let footprint = Footprint(length: 200_000).bytes

  /// `k0` and so on are away.
  private func device(_ count: Int, policy: EvictionPolicy = .lru) throws -> PretendDevice {
    let device = try PretendDevice(policy: policy)
    for number in 0..<count { device.client.put("k\(number)", length: length, version: number, at: second) }
    device.write(now: second)
    device.emptyMemory(now: second)
    #expect(device.away == count)
    return device
  }

  private func exists(_ key: String, _ device: PretendDevice, at now: UInt64) -> Bool {
    var burst = TouchBurst()
    return device.client.exists(key, at: now, &burst)
  }

  @Test func aLookUpAsksForItAndHoldsIt() throws {
    let device = try device(3)
    #expect(exists("k1", device, at: second))
    #expect(device.takeNews().wanted == [device.records[1].ref])
    #expect(device.isPromised(device.records[1].ref, now: second) == true)
    #expect(device.isPromised(device.records[0].ref, now: second) == false)
    device.reclaim(0, now: second)
    #expect(device.get("k1", version: 1, now: 2 * second))
    for number in [0, 2] { #expect(device.ask("k\(number)", version: number, now: 2 * second) == .absent) }
    // It is in memory alone, and is written again.
    device.write(now: 2 * second)
    device.emptyMemory(now: 2 * second)
    #expect(device.get("k1", version: 1, now: 2 * second))
    device.store.checkInvariants()
  }

  @Test func whatWasToldEnds() throws {
    let device = try device(1)
    #expect(exists("k0", device, at: second))
    let end = UInt64(device.store.promiseSeconds + 2) * second
    #expect(device.isPromised(device.records[0].ref, now: end) == false)
    #expect(device.store.snapshot(now: second).leasedBytes > footprint)
    #expect(device.store.snapshot(now: end).leasedBytes == 0)
  }

  @Test func whatIsGoneIsNotPromised() throws {
    let device = try device(1)
    device.reclaim(0, now: second)
    #expect(!exists("k0", device, at: second))
    #expect(device.takeNews().wanted.isEmpty)
  }

  /// The book has the same of a value wherever it lies.
  @Test(arguments: [EvictionPolicy.lru, .returns]) func theBookAddsUpThroughLeavingAndReturning(
    policy: EvictionPolicy
  ) throws {
    let device = try device(6, policy: policy)
    for number in 0..<4 { #expect(exists("k\(number)", device, at: second)) }
    let leased = device.store.snapshot(now: second).leasedBytes
    #expect(leased == 4 * (footprint + Limits.recordBytes))
    for number in 0..<2 { #expect(device.bringUp(device.records[number].ref, now: second)) }
    device.store.checkInvariants()
    #expect(device.store.snapshot(now: second).leasedBytes == leased)
    // Replaced, removed, lost.
    device.client.put("k0", length: 10, version: 9, at: second)
    device.store.checkInvariants()
    #expect(device.client.remove("k1") && device.client.remove("k2"))
    device.lane.loseCopy(device.records[3].ref, at: device.records[3].place)
    device.store.checkInvariants()
    #expect(
      device.store.snapshot(now: second).leasedBytes == Footprint(length: 10).bytes + Limits.recordBytes,
      "what was told of the key holds for its new value")
  }

  @Test func whatIsPromisedStaysInMemory() throws {
    let device = try device(2)
    for number in 0..<2 { #expect(device.bringUp(device.records[number].ref, now: second)) }
    #expect(exists("k0", device, at: second))
    device.emptyMemory(now: second)
    #expect(device.away == 1)
    #expect(device.client.has("k0", at: second) && !device.client.has("k1", at: second))
    let end = 100 * second
    device.emptyMemory(now: end)
    #expect(device.away == 2)
  }

  /// A fetch of what is away settles nothing before the value is here.
  @Test func theFetchSettlesWhatWasTold() throws {
    let device = try device(1)
    #expect(exists("k0", device, at: second))
    #expect(device.get("k0", version: 0, now: 2 * second))
    #expect(device.store.snapshot(now: 2 * second).leasedBytes == 0)
    #expect(device.client.counters.hits.value == 1 && device.client.counters.misses.value == 0)
  }

  // MARK: Staging

  @Test func whatIsStagedIsCountedUntilItIsFetched() throws {
    let device = try device(4)
    for number in 0..<4 { #expect(device.bringUp(device.records[number].ref, isStaged: true, now: second)) }
    #expect(device.stagedBytes == 4 * footprint)
    #expect(device.get("k0", version: 0, now: second) && device.get("k0", version: 0, now: second))
    #expect(device.stagedBytes == 3 * footprint && device.books.stagedFetched.value == 1)
    device.lane.endStaging(device.records[1].ref)
    device.lane.endStaging(device.records[1].ref)
    #expect(device.stagedBytes == 2 * footprint && device.books.stagedWasted.value == 1)
    #expect(device.client.remove("k2"))
    device.emptyMemory(now: second)
    #expect(device.stagedBytes == 0 && device.books.stagedWasted.value == 3 && device.away == 3)
    device.store.checkInvariants()
  }

  @Test func aFetchByANameOfRESPCountsToo() throws {
    let device = try device(1)
    #expect(device.bringUp(device.records[0].ref, isStaged: true, now: second))
    #expect(device.client.shows("k0", version: 0, at: second))
    #expect(device.stagedBytes == 0 && device.books.stagedFetched.value == 1)
  }

  @Test func whatIsStagedGoesLikeAnyOther() throws {
    let device = try device(2)
    #expect(device.bringUp(device.records[0].ref, isStaged: true, now: second))
    device.client.put("k0", length: 10, version: 5, at: second)
    #expect(device.stagedBytes == 0)
    #expect(device.bringUp(device.records[1].ref, isStaged: true, now: second))
    device.lane.loseCopy(device.records[1].ref, at: device.records[1].place)
    #expect(device.write(device.records[1].ref, now: second) != nil)
    #expect(device.stagedBytes == footprint)
    device.emptyMemory(now: second)
    #expect(device.stagedBytes == 0)
    device.store.checkInvariants()
  }

  // MARK: Ranks

  /// A scheduler asks for one rank's chunk, and all ranks fetch theirs.
  @Test(arguments: [EvictionPolicy.lru, .returns]) func sistersAreAskedForTogether(policy: EvictionPolicy) throws {
    let device = try PretendDevice(policy: policy)
    let keys = (0..<4).map { "model@4@\($0)@chunk@bfloat16" }
    for (rank, key) in keys.enumerated() { device.client.put(key, length: length, version: rank, at: second) }
    device.write(now: second)
    device.emptyMemory(now: second)
    #expect(exists(keys[2], device, at: second))
    #expect(Set(device.takeNews().wanted) == Set(device.records.map(\.ref)))
    device.reclaim(0, now: second)
    for (rank, key) in keys.enumerated() { #expect(device.get(key, version: rank, now: 2 * second)) }
    device.store.checkInvariants()
  }

  /// One that is not written yet is waited for, whatever becomes of the others.
  @Test(arguments: [EvictionPolicy.lru, .returns]) func aSisterThatIsNotWrittenIsNotLost(policy: EvictionPolicy) throws
  {
    let device = try PretendDevice(policy: policy)
    let keys = (0..<4).map { "model@4@\($0)@chunk@bfloat16" }
    for (rank, key) in keys.enumerated() { device.client.put(key, length: length, version: rank, at: second) }
    let refs = device.takeNews().stored
    #expect(refs.count == 4)
    for ref in refs.dropLast() { device.write(ref, now: second) }
    device.emptyMemory(now: second)
    #expect(device.client.keyCount() == 4 && device.takeNews().leaving == [refs[3]])
    device.write(refs[3], now: second)
    device.emptyMemory(now: 2 * second)
    #expect(device.away == 4 && device.leavingBytes == 0)
    for (rank, key) in keys.enumerated() { #expect(device.get(key, version: rank, now: 2 * second)) }
    device.store.checkInvariants()
  }
}

import Base
import Testing

@testable import Objects
@testable import Store

/// Values leave memory for a device and come back.
@Suite struct DeviceTests {
  private let length = 300_000

  /// More than memory holds, read again and again: nothing is lost, whatever is in memory.
  @Test(arguments: [EvictionPolicy.lru, .returns]) func whatLeavesMemoryComesBack(policy: EvictionPolicy) throws {
    let device = try PretendDevice(policy: policy)
    for number in 0..<60 {
      let now = UInt64(number + 1) * second
      #expect(device.client.put("k\(number)", length: length, version: number, at: now))
      device.write(now: now)
    }
    device.store.checkInvariants()
    for round in 0..<3 {
      for number in 0..<60 {
        let now = UInt64(100 + round * 60 + number) * second / 50
        #expect(device.get("k\(number)", version: number, now: 100 * second + now), "k\(number) in round \(round)")
      }
      device.store.checkInvariants()
    }
    #expect(device.client.keyCount() == 60)
    #expect(device.buried.isEmpty)
  }

  /// A device with some values that only it has: `k0` and so on, each of its own version.
  private func device(away count: Int, policy: EvictionPolicy = .lru) throws -> PretendDevice {
    let device = try PretendDevice(policy: policy)
    for number in 0..<count {
      device.client.put("k\(number)", length: length, version: number, meta: meta(number), at: second)
    }
    device.write(now: second)
    device.emptyMemory(now: second)
    #expect(device.away == count)
    device.store.checkInvariants()
    return device
  }

  @Test func whatIsWrittenIsAllThatIsKnownOfIt() throws {
    let device = try PretendDevice()
    device.client.put("k", length: length, version: 3, meta: meta(7), at: second)
    device.write(now: second)
    let record = try #require(device.records.first)
    #expect(record.said.key == Array("k".utf8) && record.said.kind == .withMeta && record.said.meta == meta(7))
    #expect(record.said.deadline == 0 && record.said.annotation.isEmpty && record.bytes.count == length)
    #expect(!device.mayWrite(record.ref, now: second), "it is on the device already")
    device.emptyMemory(now: second)
    #expect(!device.mayWrite(record.ref, now: second), "it is not in memory")
    var burst = TouchBurst()
    #expect(device.bringUp(record.ref, now: second))
    #expect(device.client.find("k", .withMeta, at: second, &burst)?.meta == meta(7))
    #expect(device.takeNews().isEmpty, "what has come back is not written again")
  }

  @Test func anAwayValueIsForItsOwnKindOnly() throws {
    let device = try device(away: 1)
    #expect(device.ask("k0", .plain, version: 0, now: second) == .absent)
    #expect(device.ask("k0", .withMeta, version: 0, now: second) == .hit)
    #expect(device.away == 0)
  }

  // MARK: Being read

  /// Two wait for the same, or a client has replaced it meanwhile: what comes back late is let go of.
  @Test func whatComesBackTwiceIsThereOnce() throws {
    let device = try device(away: 1)
    let ref = device.records[0].ref
    let isLate = !device.bringUp(ref, now: second) { #expect(device.bringUp(ref, now: second)) }
    #expect(isLate)
    #expect(device.get("k0", .withMeta, version: 0, now: second))
    device.store.checkInvariants()
  }

  @Test(arguments: ["overwritten", "removed", "flushed", "lost"])
  func whatHasGoneMeanwhileDoesNotComeBack(end: String) throws {
    let device = try device(away: 1)
    let record = device.records[0]
    let isThere = device.bringUp(record.ref, now: second) {
      switch end {
      case "overwritten": device.client.put("k0", length: 5, version: 9, meta: meta(1), at: second)
      case "removed": #expect(device.client.remove("k0"))
      case "flushed": for stripe in 0..<Lane.stripeCount { device.client.removeAll(stripe: stripe) }
      default: device.lane.loseCopy(record.ref, at: record.place)
      }
    }
    #expect(!isThere && device.away == 0)
    #expect(device.ask("k0", .withMeta, version: 9, now: second) == (end == "overwritten" ? .hit : .absent))
    device.takeNews()
    #expect(device.buried == (end == "lost" ? [] : [record.place]))
    device.store.checkInvariants()
  }

  @Test func anAbandonedReturnLeavesItWhereItWas() throws {
    let device = try device(away: 1)
    guard case .away(let value) = device.lane.locate(device.records[0].ref, now: second),
      let reservation = device.lane.beginReturn(of: value, now: second)
    else {
      Issue.record("it is away, and there is room")
      return
    }
    reservation.abandon(.connectionLost)
    device.store.checkInvariants()
    #expect(device.away == 1 && device.get("k0", .withMeta, version: 0, now: second))
  }

  @Test func whatExpiresWhileItIsAwayIsGone() throws {
    let device = try PretendDevice()
    device.client.set("k", length: length, version: 1, .init(deadline: .at(10 * second)), at: second)
    device.write(now: second)
    device.emptyMemory(now: second)
    let record = device.records[0]
    #expect(record.said.deadline == 10_000)
    guard case .away = device.lane.locate(record.ref, now: 9 * second) else {
      Issue.record("its time has not come")
      return
    }
    #expect(device.ask("k", version: 1, now: 10 * second) == .absent)
    device.lane.flush(now: 10 * second)
    device.client.flush(now: 10 * second)
    #expect(device.away == 0 && device.client.keyCount() == 0)
    device.takeNews()
    #expect(device.buried == [record.place])
    device.store.checkInvariants()
  }

  // MARK: Losing copies

  @Test func whatOnlyTheDeviceHadIsGoneWithIt() throws {
    let device = try device(away: 3)
    let record = device.records[1]
    device.lane.loseCopy(record.ref, at: device.records[0].place)
    #expect(device.away == 3, "it is elsewhere")
    device.lane.loseCopy(record.ref, at: record.place)
    device.lane.loseCopy(record.ref, at: record.place)
    #expect(device.away == 2 && device.client.keyCount() == 2)
    #expect(device.ask("k1", .withMeta, version: 1, now: second) == .absent)
    #expect(device.takeNews().isEmpty, "its device knows")
    device.store.checkInvariants()
  }

  @Test func whatIsInMemoryAsWellIsWrittenAgainWhenItGoes() throws {
    let device = try device(away: 1)
    let record = device.records[0]
    #expect(device.bringUp(record.ref, now: second))
    device.lane.loseCopy(record.ref, at: record.place)
    #expect(device.takeNews().stored.isEmpty, "its device says whether it is written sooner")
    #expect(device.write(record.ref, now: second) != nil)
    device.emptyMemory(now: second)
    #expect(device.get("k0", .withMeta, version: 0, now: second))
  }

  /// The record may be another value's by the time that its device looks.
  @Test func aPlaceOfAnEarlierValueMeansNothing() throws {
    let device = try device(away: 1)
    let record = device.records[0]
    #expect(device.client.remove("k0"))
    device.client.put("k0", length: length, version: 2, meta: meta(2), at: second)
    device.write(now: second)
    device.lane.loseCopy(record.ref, at: record.place)
    #expect(!device.lane.endWriting(record.ref, at: record.place))
    device.lane.refuse(record.ref)
    device.lane.endStaging(record.ref)
    device.emptyMemory(now: second)
    #expect(device.get("k0", .withMeta, version: 2, now: second))
    device.store.checkInvariants()
  }

  // MARK: The budget

  @Test(arguments: [EvictionPolicy.lru, .returns]) func whatIsKnownOfCopiesIsBooked(policy: EvictionPolicy) throws {
    let device = try PretendDevice(policy: policy)
    var without = device.configuration
    without.disk = nil
    let (with, plain) = (device.store.snapshot(), try Store(without).snapshot())
    #expect(with.recordBytesEach == plain.recordBytesEach + DiskParts.bytesEach)
    #expect(with.recordBytesEach >= Limits.recordBytes + 8)
  }

  /// They are never read again, so that their pages are others'.
  @Test func whatIsAwayTakesNoPages() throws {
    let device = try device(away: 20)
    let snapshot = device.store.snapshot()
    #expect(snapshot.pageBytes == 0 && snapshot.objects == 20)
    #expect(device.books.demoted.value == 20 && device.store.evicted == 0)
  }

  @Test func aFlushBuriesWhatTheDeviceHas() throws {
    let device = try device(away: 5)
    #expect(device.bringUp(device.records[0].ref, isStaged: true, now: second))
    for stripe in 0..<Lane.stripeCount { device.client.removeAll(stripe: stripe) }
    device.takeNews()
    #expect(device.living.isEmpty && device.away == 0 && device.stagedBytes == 0)
    device.store.checkInvariants()
  }
}

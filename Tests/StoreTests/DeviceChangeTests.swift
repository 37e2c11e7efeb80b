import Base
import Testing
import Wire

@testable import Objects
@testable import Store

/// What a device has is true of the value, or is buried: whatever changes, and whenever.
@Suite struct DeviceChangeTests {
  private let length = 2048
  /// 2 x 8 x 16 x 4 elements of two bytes.
  private let shape = ObjectMeta(format: 1, type: 3, shape: (2, 8, 16, 4))
  private let other = ObjectMeta(format: 2, type: 3, shape: (2, 16, 8, 4))

  private func device() throws -> PretendDevice { try PretendDevice() }

  // MARK: While it is being written

  private func change(_ how: String, of device: PretendDevice, at now: UInt64) {
    let client = device.client
    switch how {
    case "overwritten": client.set("Kkv_bytes", length: length, version: 2, at: now)
    case "removed": #expect(client.remove(name: "Kkv_bytes", at: now))
    case "annotated": client.set("Kmetadata", metadata(length: length, shape), at: now)
    case "limited": #expect(client.expire("Kkv_bytes", atDeadline: 100 * second, at: now))
    case "expired": #expect(client.expire("Kkv_bytes", atDeadline: 0, at: now))
    case "displaced": client.put("K", length: 3, version: 3, meta: shape, at: now)
    default: for stripe in 0..<Lane.stripeCount { client.removeAll(stripe: stripe) }
    }
  }

  @Test(arguments: ["overwritten", "removed", "annotated", "limited", "expired", "displaced", "flushed"])
  func whatChangesWhileItIsWrittenIsBuried(how: String) throws {
    let device = try device()
    device.client.set("Kkv_bytes", length: length, version: 1, at: second)
    let ref = try #require(device.takeNews().stored.first)
    let place = device.write(ref, now: second) { change(how, of: device, at: second) }
    #expect(place == nil)
    #expect(device.living.isEmpty && device.buried.count == 1)
    // What is there now is offered, and written as it is.
    device.write(now: second)
    let isThere = ["overwritten", "annotated", "limited", "displaced"].contains(how)
    #expect(device.living.count == (isThere ? 1 : 0))
    device.emptyMemory(now: second)
    #expect(device.away == device.living.count)
    device.store.checkInvariants()
    let next = try device.restarted(now: second)
    switch how {
    case "overwritten": #expect(next.shows("Kkv_bytes", version: 2, now: second))
    case "annotated":
      #expect(next.client.shown("Kmetadata", at: second) == .metadata(metadata(length: length, shape)))
      #expect(next.shows("Kkv_bytes", version: 1, now: second))
    case "limited":
      #expect(next.client.timeToLive("Kkv_bytes", at: second) == .milliseconds(99_000))
      #expect(next.shows("Kkv_bytes", version: 1, now: second))
    case "displaced": #expect(next.get("K", .withMeta, version: 3, now: second) && next.client.nameCount() == 2)
    default: #expect(next.client.nameCount() == 0)
    }
    next.store.checkInvariants()
  }

  /// A write that failed says nothing: the value is as it was, and may be written again.
  @Test func whatCouldNotBeWrittenMayBeWrittenAgain() throws {
    let device = try device()
    device.client.set("K", length: length, version: 1, at: second)
    let ref = try #require(device.takeNews().stored.first)
    #expect(device.mayWrite(ref, now: second) && device.mayWrite(ref, now: second))
    let place = device.write(ref, now: second) {
      #expect(!device.mayWrite(ref, now: second), "one writes it at a time")
    }
    #expect(place != nil)
    device.store.checkInvariants()
  }

  @Test func whatIsTheSameAgainIsWrittenAgain() throws {
    let device = try device()
    for _ in 0..<3 {
      device.client.set("K", length: length, version: 1, at: second)
      device.write(now: second)
    }
    #expect(device.records.count == 3 && device.living.count == 1)
    #expect(device.living.first?.place == device.records.last?.place)
  }

  @Test func whatIsKeptForRecoveryIsNotWritten() throws {
    let device = try device()
    device.client.put("test@1@0@0@recovery", length: length, at: second)
    device.client.set("K:metadata", metadata(length: length, shape), at: second)
    device.client.set("empty", length: 0, at: second)
    let batch = device.takeNews()
    for ref in batch.stored { #expect(device.write(ref, now: second) == nil) }
    #expect(batch.leaving.isEmpty && device.records.isEmpty)
  }

  // MARK: In memory and on the device

  @Test func metadataThatComesLaterIsWrittenWithItsBytes() throws {
    let device = try device()
    device.client.set("Kkv_bytes", length: length, version: 1, at: second)
    device.write(now: second)
    device.client.set("Kmetadata", metadata(length: length, shape, groups: 3), at: second)
    device.write(now: second)
    #expect(device.records.count == 2 && device.records[0].isBuried)
    let said = device.records[1].said
    #expect(said.kind == .withMeta && said.meta == shape && !said.annotation.isEmpty)
    let next = try device.restarted(now: second)
    #expect(next.client.nameCount() == 2)
    #expect(next.client.shown("Kmetadata", at: second) == .metadata(metadata(length: length, shape, groups: 3)))
    #expect(next.shows("Kkv_bytes", version: 1, now: second))
  }

  @Test func aTimeThatIsSetOrEndedIsWritten() throws {
    let device = try device()
    device.client.set("K", length: length, version: 1, at: second)
    device.write(now: second)
    #expect(device.client.expire("K", atDeadline: 50 * second, at: second))
    device.write(now: second)
    #expect(device.living.map(\.said.deadline) == [50_000])
    #expect(device.client.persist("K", at: second))
    device.write(now: second)
    #expect(device.living.map(\.said.deadline) == [0] && device.records.count == 3)
  }

  // MARK: On the device only

  private func away(_ meta: ObjectMeta?, deadline: UInt64 = 0) throws -> PretendDevice {
    let device = try device()
    device.client.set("Kkv_bytes", length: length, version: 1, at: second)
    if let meta { device.client.set("Kmetadata", metadata(length: length, meta), at: second) }
    if deadline != 0 { #expect(device.client.expire("Kkv_bytes", atDeadline: deadline, at: second)) }
    device.write(now: second)
    device.emptyMemory(now: second)
    #expect(device.away == 1 && device.living.count == 1)
    return device
  }

  @Test func metadataIsReadWithoutTheDevice() throws {
    let device = try away(shape)
    #expect(device.client.shown("Kmetadata", at: second) == .metadata(metadata(length: length, shape)))
    #expect(device.client.length(name: "Kkv_bytes", at: second) == length)
    #expect(device.away == 1)
  }

  /// It may be read for as long as this process lives, and no other one finds what is no longer true of it. Once it is in
  /// memory it is written again.
  @Test(arguments: [nil, 1, 2] as [Int?])
  func metadataThatIsReplacedMeanwhileIsTheNewOne(groups: Int?) throws {
    let device = try away(groups == nil ? nil : shape)
    let now = metadata(length: length, other, groups: groups ?? 1)
    device.client.set("Kmetadata", now, at: second)
    device.takeNews()
    #expect(device.away == 1 && device.living.isEmpty)
    device.store.checkInvariants()
    #expect(try device.restarted(now: second).client.nameCount() == 0)
    #expect(device.client.shown("Kmetadata", at: second) == .metadata(now))
    #expect(device.shows("Kkv_bytes", version: 1, now: second))
    device.write(now: second)
    #expect(device.living.count == 1 && device.living[0].said.meta == other)
    device.emptyMemory(now: second)
    let next = try device.restarted(now: second)
    #expect(next.client.shown("Kmetadata", at: second) == .metadata(now))
    #expect(next.shows("Kkv_bytes", version: 1, now: second))
  }

  @Test func metadataThatContradictsTakesTheOldAway() throws {
    let device = try away(shape)
    device.client.set("Kmetadata", metadata(length: length / 2, other), at: second)
    device.takeNews()
    #expect(device.living.isEmpty && device.client.shown("Kmetadata", at: second) == nil)
    #expect(device.shows("Kkv_bytes", version: 1, now: second))
    device.write(now: second)
    #expect(device.living.count == 1 && device.living[0].said.meta == nil)
    device.store.checkInvariants()
  }

  @Test func newBytesKeepTheMetadataOfThoseThatAreAway() throws {
    let device = try away(shape)
    device.client.set("Kkv_bytes", length: length, version: 5, at: second)
    device.write(now: second)
    #expect(device.away == 0 && device.living.count == 1 && device.living[0].said.meta == shape)
    device.emptyMemory(now: second)
    #expect(device.shows("Kkv_bytes", version: 5, now: second))
    #expect(device.client.shown("Kmetadata", at: second) == .metadata(metadata(length: length, shape)))
    device.store.checkInvariants()
  }

  @Test func aPlainValueTakesThePlaceOfAnObject() throws {
    let device = try away(shape)
    device.client.set("K", length: 10, version: 4, at: second)
    device.takeNews()
    #expect(device.away == 0 && device.living.isEmpty && device.client.nameCount() == 1)
    let next = try device.restarted(now: second)
    #expect(next.client.nameCount() == 0)
    device.store.checkInvariants()
  }

  @Test func aTimeThatIsSetHolds() throws {
    let device = try away(shape)
    #expect(device.client.expire("Kkv_bytes", atDeadline: 20 * second, at: second))
    device.takeNews()
    #expect(device.living.isEmpty && device.client.timeToLive("Kkv_bytes", at: second) == .milliseconds(19_000))
    #expect(device.shows("Kkv_bytes", version: 1, now: 2 * second))
    device.write(now: 2 * second)
    #expect(device.living.map(\.said.deadline) == [20_000])
    device.emptyMemory(now: 2 * second)
    #expect(try device.restarted(now: 2 * second).shows("Kkv_bytes", version: 1, now: 19 * second))
    #expect(!device.shows("Kkv_bytes", version: 1, now: 20 * second))
    #expect(device.client.nameCount() == 0)
    device.store.checkInvariants()
  }

  @Test func aTimeThatEndsHolds() throws {
    let device = try away(nil, deadline: 20 * second)
    #expect(device.client.persist("Kkv_bytes", at: second))
    device.takeNews()
    // Another process must not end what was to last.
    #expect(device.living.isEmpty)
    #expect(device.shows("Kkv_bytes", version: 1, now: 30 * second))
    device.write(now: 30 * second)
    #expect(device.living.map(\.said.deadline) == [0])
  }

  /// Changed twice, the copy is buried once.
  @Test func aBuriedCopyIsBuriedOnce() throws {
    let device = try away(shape)
    for deadline: UInt64 in [20, 30] {
      #expect(device.client.expire("Kkv_bytes", atDeadline: deadline * second, at: second))
    }
    #expect(device.client.remove(name: "Kkv_bytes", at: second))
    device.takeNews()
    #expect(device.buried.count == 1 && device.away == 0)
  }

  /// Its segment goes: what is true only in memory goes too, unless it is promised.
  @Test(arguments: [false, true]) func aBuriedCopyGoesWithItsSegment(isPromised: Bool) throws {
    let device = try away(shape)
    #expect(device.client.expire("Kkv_bytes", atDeadline: 20 * second, at: second))
    if isPromised { #expect(device.client.exists(name: "Kkv_bytes", at: second)) }
    device.reclaim(0, now: second)
    #expect(device.away == 0 && device.client.nameCount() == (isPromised ? 2 : 0))
    #expect(device.shows("Kkv_bytes", version: 1, now: 2 * second) == isPromised)
    device.store.checkInvariants()
  }
}

import Base
import Testing
import Wire

@testable import Objects
@testable import Store

/// What a process takes over of a device that it finds.
@Suite struct AdoptionTests {
  private let length = 2048
  private let shape = ObjectMeta(format: 1, type: 3, shape: (2, 8, 16, 4))

  private func record(
    _ kind: ValueKind = .plain, length: Int = 2048, block: Int = 2, meta: ObjectMeta? = nil, deadline: UInt64 = 0
  ) -> FoundRecord {
    FoundRecord(
      kind: kind, tag: 0, length: length, deadline: deadline, meta: meta,
      place: DiskPlace(device: 0, segment: 0, block: block, headerBlocks: 1))
  }

  private func isAdopted(_ adoption: Adoption) -> Bool { if case .adopted = adoption { true } else { false } }
  private func isOutdated(_ adoption: Adoption) -> Bool { if case .outdated = adoption { true } else { false } }

  private func loading() throws -> PretendDevice { try PretendDevice(isLoaded: false) }

  @Test func theLatestCounts() throws {
    let device = try loading()
    let key = Array("K".utf8)
    #expect(isAdopted(device.adopt(record(length: 10, block: 4), key: key, now: second)))
    #expect(isOutdated(device.adopt(record(length: 20, block: 2), key: key, now: second)))
    #expect(device.client.length(name: "K", at: second) == 10)
    #expect(device.away == 1 && device.client.keyCount() == 1 && device.takeNews().isEmpty)
    device.store.checkInvariants()
  }

  /// Two kinds of one key are two objects, as far as they can be there together: a plain value displaced any object.
  @Test func kindsLieSideBySideAsTheyMay() throws {
    let all: [ValueKind] = [.plain, .withMeta, .bytesAlone, .plainMetadata(.joined)]
    for (first, second, areBothThere) in [
      (0, 1, false), (1, 0, false), (0, 2, true), (2, 0, true), (1, 2, false), (2, 1, false), (0, 3, true),
      (3, 0, true),
      (1, 3, false), (3, 1, false), (2, 3, true),
    ] {
      let device = try loading()
      for (number, kind) in [all[first], all[second]].enumerated() {
        let found = record(kind, block: 8 - 2 * number, meta: kind == .withMeta ? shape : nil)
        let adoption = device.adopt(found, key: Array("K".utf8), now: 1)
        #expect(number == 0 || areBothThere ? isAdopted(adoption) : isOutdated(adoption), "\(first) before \(second)")
      }
      device.store.checkInvariants()
    }
  }

  @Test func whatIsInMemoryIsNewer() throws {
    let device = try loading()
    device.client.set("K", length: 10, version: 1, at: second)
    #expect(isOutdated(device.adopt(record(), key: Array("K".utf8), now: second)))
    #expect(device.client.shows("K", version: 1, at: second) && device.away == 0)
  }

  @Test(arguments: ["removed", "flushed", "evicted", "expired", "displaced"])
  func whatWentWhileItLoadedDoesNotComeBack(end: String) throws {
    let device = try loading()
    device.books.devices[0].isWriting = false
    device.client.set("K", length: length, version: 1, at: second)
    switch end {
    case "removed": #expect(device.client.remove(name: "K", at: second))
    case "evicted": device.emptyMemory(now: second)
    case "expired": #expect(device.client.expire("K", atDeadline: 0, at: second))
    case "displaced":
      device.client.put("K", length: 5, meta: shape, at: second)
      #expect(device.client.remove("K"))
    default: for stripe in 0..<Lane.stripeCount { device.client.removeAll(stripe: stripe) }
    }
    #expect(isOutdated(device.adopt(record(), key: Array("K".utf8), now: second)))
    // A flush means also what is not known yet.
    let isOther = isAdopted(device.adopt(record(block: 4), key: Array("L".utf8), now: second))
    #expect(isOther == (end != "flushed"))
    device.store.checkInvariants()
  }

  /// What is not known yet may be deleted all the same.
  @Test(arguments: ["K", "Kkv_bytes", "Kmetadata"]) func whatIsDeletedBeforeItIsKnownIsGone(name: String) throws {
    let device = try loading()
    #expect(!device.client.remove(name: name, at: second))
    #expect(isOutdated(device.adopt(record(.bytesAlone), key: Array("K".utf8), now: second)))
    #expect(!device.client.remove("L"))
    #expect(isOutdated(device.adopt(record(block: 4), key: Array("L".utf8), now: second)))
  }

  /// An entry that this device gave is not news to it: lost, it may be found again.
  @Test func aDeviceThatComesBackIsKnownAgain() throws {
    let device = try PretendDevice()
    for number in 0..<6 { device.client.set("k\(number)", length: length, version: number, at: second) }
    device.write(now: second)
    device.emptyMemory(now: second)
    device.books.beginLoading(0)
    for record in device.records { device.lane.loseCopy(record.ref, at: record.place) }
    device.client.set("k0", length: length, version: 10, at: second)
    device.client.set("k1", length: length, version: 11, at: second)
    #expect(device.client.remove(name: "k1", at: second))
    _ = device.client.remove(name: "k2", at: second)
    device.load(device.records, now: second)
    #expect(device.away == 3)
    for number in 3..<6 { #expect(device.shows("k\(number)", version: number, now: second)) }
    #expect(device.shows("k0", version: 10, now: second))
    for name in ["k1", "k2"] { #expect(device.client.shown(name, at: second) == nil) }
    device.store.checkInvariants()
  }

  @Test func moreChangesThanAreRememberedMeanThatNothingIsBelieved() throws {
    let device = try loading()
    for hash in 0..<UInt64(Limits.changedKeysMax) { device.books.noteChange(ofKey: hash) }
    #expect(isAdopted(device.adopt(record(), key: Array("K".utf8), now: second)))
    device.books.noteChange(ofKey: UInt64.max)
    #expect(isOutdated(device.adopt(record(block: 4), key: Array("L".utf8), now: second)))
    // Until the next time.
    device.books.endLoading(0)
    device.books.beginLoading(0)
    #expect(isAdopted(device.adopt(record(block: 4), key: Array("L".utf8), now: second)))
  }

  /// What has changed counts for each device until that one is known.
  @Test func changesCountUntilTheirDeviceIsKnown() {
    let books = DiskBooks(deviceCount: 2, offering: .stored)
    books.noteChange(ofKey: 1)
    books.endLoading(0)
    books.noteChange(ofKey: 2)
    #expect(!books.hasChangedWhileLoading(1, on: 0) && !books.hasChangedWhileLoading(2, on: 0))
    for key: UInt64 in [1, 2, 3] { #expect(books.hasChangedWhileLoading(key, on: 1) == (key != 3)) }
    for _ in 0..<2 { books.endLoading(1) }
    books.noteChange(ofKey: 1)
    #expect(!books.hasChangedWhileLoading(1, on: 1))
    for _ in 0..<2 { books.beginLoading(1) }
    books.noteChange(ofKey: 3)
    #expect(books.hasChangedWhileLoading(3, on: 1) && !books.hasChangedWhileLoading(1, on: 1))
    #expect(!books.hasChangedWhileLoading(3, on: 0))
  }

  /// A PUT that is dropped was meant to take the place of what is not known yet.
  @Test(arguments: [false, true]) func whatWasToBeReplacedIsGone(isByName: Bool) throws {
    let device = try loading()
    if isByName {
      device.client.removeStale(name: Array("K@1@2".utf8).span.bytes, length: 5, now: second)
    } else {
      guard let reservation = device.client.begin("K@1@2", length: 5, at: second) else {
        Issue.record("there is room")
        return
      }
      reservation.abandon(.noMemory)
    }
    #expect(isOutdated(device.adopt(record(), key: Array("K@1@2".utf8), now: second)))
  }

  @Test func whatIsNoRecordIsLeftAlone() throws {
    let device = try loading()
    let key = Array("K".utf8)
    for found in [
      record(length: 0), record(length: Limits.valueBytesMax + 1), record(.withMeta), record(meta: shape),
      record(.hidden, meta: shape), record(ValueKind(rawValue: 200)),
    ] {
      #expect(isOutdated(device.adopt(found, key: key, now: second)))
    }
    #expect(isOutdated(device.adopt(record(), key: [], now: second)))
    #expect(isOutdated(device.adopt(record(), key: [UInt8](repeating: 1, count: Limits.nameBytesMax + 1), now: second)))
    for count in [3, Entry.StripePart.annotationBytesMax + 4] {
      let annotation = [UInt8](repeating: 1, count: count)
      #expect(isOutdated(device.adopt(record(.withMeta, meta: shape), key: key, annotation: annotation, now: second)))
    }
    #expect(device.client.keyCount() == 0)
    device.store.checkInvariants()
  }

  @Test func theLongestKeysAndAnnotationsComeBack() throws {
    let device = try loading()
    let key = (0..<Limits.nameBytesMax).map { UInt8(truncatingIfNeeded: $0) }
    let annotation = (0..<Entry.StripePart.annotationBytesMax).map { UInt8(truncatingIfNeeded: $0) }
    #expect(isAdopted(device.adopt(record(.withMeta, meta: shape), key: key, annotation: annotation, now: second)))
    device.store.checkInvariants()
    let said = key.span.bytes.withUnsafeBytes { key in
      device.client.transact(on: key, now: second) { key in
        let entry = key.entry(.withMeta)!
        return [UInt8](unsafeUninitializedCapacity: entry.annotationBytes) { room, count in
          count = entry.annotationBytes
          key.copyAnnotation(
            of: entry, into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(room)[..<count]))
        }
      }
    }
    #expect(said == annotation)
  }

  @Test func whatIsTakenOverExpires() throws {
    let device = try loading()
    #expect(isAdopted(device.adopt(record(deadline: 5000), key: Array("K".utf8), now: second)))
    #expect(device.client.timeToLive("K", at: second) == .milliseconds(4000))
    #expect(device.client.length(name: "K", at: 5 * second) == nil)
    device.client.flush(now: 5 * second)
    device.lane.flush(now: 5 * second)
    #expect(device.client.keyCount() == 0 && device.away == 0)
    device.store.checkInvariants()
  }

  /// Not more than its share of memory, which others need too.
  @Test func memoryKnowsAsMuchAsItHasRoomFor() throws {
    let device = try loading()
    var count = 0
    var isFull = false
    while !isFull, count < 1_000_000 {
      let key = withUnsafeBytes(of: count) { Array($0) }
      let found = FoundRecord(
        kind: .plain, tag: 0, length: 10, deadline: 0, meta: nil,
        place: DiskPlace(device: 0, segment: count >> 20, block: 1 + count & 0xFFFFF, headerBlocks: 1))
      switch device.adopt(found, key: key, now: second) {
      case .adopted: count += 1
      case .noRoom: isFull = true
      case .outdated: Issue.record("there is no other")
      }
    }
    let snapshot = device.store.snapshot()
    #expect(isFull && snapshot.away == count && snapshot.usedBytes <= snapshot.budgetBytes)
    let bytesMax = snapshot.budgetBytes / Limits.awayShare
    #expect((bytesMax...bytesMax + snapshot.recordBytesEach).contains(count * snapshot.recordBytesEach), "\(count)")
    #expect(device.client.put("new", length: mebibyte, at: second))
    device.store.checkInvariants()
  }
}

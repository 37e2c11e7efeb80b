import Base
import Glibc
import Synchronization

@testable import Objects
@testable import Store

/// A store with a device that writes to nowhere: it remembers what it was given, and gives it back when asked.
final class PretendDevice {
  /// What was written, and whether it means anything still.
  struct Record {
    let said: Departure.Said
    let ref: ValueRef
    let place: DiskPlace
    let bytes: [UInt8]
    var isBuried = false
  }

  static let recordsPerSegment = 8

  let store: Store
  let books: DiskBooks
  let configuration: StoreConfiguration
  /// Of the device's loop.
  var lane: Lane { store.lane(1) }
  /// Of a loop with clients.
  var client: Lane { store.lane(0) }
  /// In the order in which they were written.
  private(set) var records: [Record] = []
  private(set) var buried: [DiskPlace] = []
  private var written = 0
  /// Of the value that was written last, or is being written.
  private(set) var lastSaid: Departure.Said?

  init(
    mebibytes: Int = 8, offering: DiskBooks.Offering = .stored, policy: EvictionPolicy = .lru, isLoaded: Bool = true,
    quotas: [Quota] = []
  ) throws {
    books = DiskBooks(deviceCount: 1, offering: offering)
    var configuration = StoreConfiguration(
      budgetBytes: mebibytes * mebibyte, leaseSeconds: 30, hashSeed: 42, laneCount: 2)
    configuration.policy = policy
    configuration.quotas = quotas
    configuration.disk = books
    self.configuration = configuration
    store = try Store(configuration)
    store.populate()
    books.devices[0].isWriting = true
    if isLoaded { books.endLoading(0) }
  }

  var living: [Record] { records.filter { !$0.isBuried } }
  var stagedBytes: Int { books.stagedBytes.load(ordering: .relaxed) }
  var leavingBytes: Int { books.devices[0].leavingBytes.load(ordering: .relaxed) }
  var away: Int { store.snapshot().away }

  // MARK: Writing

  /// Whether it begins to write a value, which it then gives up.
  func mayWrite(_ ref: ValueRef, now: UInt64) -> Bool {
    guard let departure = lane.beginWriting(ref, now: now) else { return false }
    _ = consume departure
    return !lane.endWriting(ref, at: nil)
  }

  /// Takes what the store has noted. What it offers, and what is to leave.
  @discardableResult
  func takeNews() -> DeviceNews.Batch {
    var batch = DeviceNews.Batch()
    books.devices[0].take(&batch)
    for place in batch.buried { bury(place) }
    return batch
  }

  func bury(_ place: DiskPlace) {
    buried.append(place)
    for index in records.indices where records[index].place == place { records[index].isBuried = true }
  }

  /// Writes all that is offered.
  func write(now: UInt64) {
    let batch = takeNews()
    for ref in batch.leaving + batch.stored { _ = write(ref, now: now) }
  }

  @discardableResult
  func write(_ ref: ValueRef, now: UInt64, meanwhile: () -> Void = {}) -> DiskPlace? {
    guard let departure = lane.beginWriting(ref, now: now) else { return nil }
    let number = written
    written += 1
    let place = DiskPlace(
      device: 0, segment: number / Self.recordsPerSegment, block: 2 + number % Self.recordsPerSegment * 2,
      headerBlocks: 1)
    lastSaid = departure.said
    meanwhile()
    records.append(Record(said: departure.said, ref: ref, place: place, bytes: departure.pin.bytes))
    _ = consume departure
    if lane.endWriting(ref, at: place) { return place }
    bury(place)
    return nil
  }

  // MARK: Reading

  enum Answer: Equatable {
    case hit
    case wrong
    case absent
    /// It is there, and memory has no room for it at present.
    case unreachable
  }

  /// The way of a GET: what is away is brought up, and looked up again.
  func ask(_ key: String, _ kind: ValueKind = .plain, version: Int, now: UInt64) -> Answer {
    var burst = TouchBurst()
    let bytes = Array(key.utf8)
    switch client.find(key: bytes.span.bytes, kind: kind, now: now, burst: &burst) {
    case .memory(let pin): return pin.holds(version: version) ? .hit : .wrong
    case .absent: return .absent
    case .disk(let ref): guard bringUp(ref, now: now) else { return .unreachable }
    }
    guard let pin = client.find(key, kind, at: now, &burst) else { return .absent }
    return pin.holds(version: version) ? .hit : .wrong
  }

  func get(_ key: String, _ kind: ValueKind = .plain, version: Int, now: UInt64) -> Bool {
    ask(key, kind, version: version, now: now) == .hit
  }

  /// The same by a name of RESP's.
  func shows(_ name: String, version: Int, now: UInt64) -> Bool {
    if let ref = away(name, now: now), !bringUp(ref, now: now) { return false }
    return client.shows(name, version: version, at: now)
  }

  /// What only the device has of a name.
  func away(_ name: String, now: UInt64) -> ValueRef? {
    switch client.find(name: name, at: now) {
    case .away(let ref): ref
    case .bytes: nil
    case .metadata: nil
    case nil: nil
    }
  }

  @discardableResult
  func bringUp(_ ref: ValueRef, isStaged: Bool = false, now: UInt64, meanwhile: () -> Void = {}) -> Bool {
    switch lane.locate(ref, now: now) {
    case .gone: return false
    case .memory: return true
    case .away(let value):
      let bytes = records.first { $0.place == value.place }!.bytes
      guard var reservation = lane.beginReturn(of: value, now: now) else { return false }
      while true {
        switch reservation.extend(to: value.length, now: now) {
        case .ready:
          reservation.write(bytes, now: now)
          meanwhile()
          return lane.endReturn(of: value, reservation, isStaged: isStaged, now: now) != nil
        case .wait: _ = store.populateAhead()
        case .drop(let reason):
          reservation.abandon(reason)
          return false
        }
      }
    }
  }

  func isPromised(_ ref: ValueRef, now: UInt64) -> Bool? {
    switch lane.locate(ref, now: now) {
    case .away(let value): value.isPromised
    case .memory: nil
    case .gone: nil
    }
  }

  // MARK: Room

  /// Evicts all that can go without haste.
  func emptyMemory(now: UInt64) {
    for _ in 0..<10_000 where client.vault.evict(for: .budget, now: now) != .exhausted { continue }
  }

  /// Gives a segment up: what is promised is brought up before, the rest is lost. The keys of what was promised and had no
  /// room.
  @discardableResult
  func reclaim(_ segment: Int, now: UInt64) -> [[UInt8]] {
    takeNews()
    var failed: [[UInt8]] = []
    for record in records where record.place.segment == segment {
      if case .away(let value) = lane.locate(record.ref, now: now), value.place == record.place, value.isPromised,
        !bringUp(record.ref, now: now)
      {
        failed.append(value.key)
      }
      lane.loseCopy(record.ref, at: record.place)
    }
    takeNews()
    records.removeAll { $0.place.segment == segment }
    return failed
  }

  // MARK: Another process

  /// What a process finds that begins with this device: the latest record first.
  func restarted(now: UInt64) throws -> PretendDevice {
    takeNews()
    let next = try PretendDevice(
      mebibytes: configuration.budgetBytes / mebibyte, offering: books.offering, policy: configuration.policy,
      isLoaded: false)
    next.load(records, now: now)
    return next
  }

  /// The first record of a key and kind counts, and hides others even if it is buried.
  func load(_ found: [Record], now: UInt64) {
    var names: Set<[UInt8]> = []
    var known: [Record] = []
    for var record in found.reversed() {
      let isFirst = names.insert(record.said.key + [record.said.kind.rawValue]).inserted
      if !record.isBuried {
        if isFirst, case .adopted(let ref) = adopt(record, now: now) {
          record = Record(said: record.said, ref: ref, place: record.place, bytes: record.bytes)
        } else {
          record.isBuried = true
        }
      }
      known.append(record)
    }
    records = known.reversed()
    written = max(written, (records.map(\.place.segment).max() ?? -1) * Self.recordsPerSegment + Self.recordsPerSegment)
    books.endLoading(0)
  }

  func adopt(_ record: Record, now: UInt64) -> Adoption {
    let said = record.said
    let found = FoundRecord(
      kind: said.kind, tag: said.tag, length: record.bytes.count, deadline: said.deadline, meta: said.meta,
      place: record.place)
    return adopt(found, key: said.key, annotation: said.annotation, now: now)
  }

  func adopt(_ found: FoundRecord, key: [UInt8], annotation: [UInt8] = [], now: UInt64) -> Adoption {
    key.withUnsafeBytes { key in
      annotation.withUnsafeBytes { lane.adopt(found, key: key, annotation: $0, now: now) }
    }
  }
}

extension Pin {
  var bytes: [UInt8] {
    let regions = UnsafeMutableBufferPointer<iovec>.allocate(capacity: 64)
    defer { regions.deallocate() }
    var bytes: [UInt8] = []
    while bytes.count < length {
      let count = self.regions(from: bytes.count, max: length - bytes.count, into: regions)
      for region in regions[..<count] { bytes += UnsafeRawBufferPointer(start: region.iov_base, count: region.iov_len) }
    }
    return bytes
  }
}

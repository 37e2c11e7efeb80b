import Base
import Wire

@testable import Objects
@testable import Store

/// A client's and a device's work in an order of chance, and a model of what may be read.
///
/// A value may go whenever nothing says that it stays; once it was missed it may not come back. What is found is always the
/// last version, with its metadata and its time.
struct DeviceModel {
  struct Value: Equatable {
    var version: Int
    var length: Int
    /// Of an object.
    var meta: ObjectMeta?
    /// In milliseconds; 0 is never.
    var deadline: UInt64
  }

  struct Violation: Error {
    let what: String
  }

  private(set) var device: PretendDevice
  private var random: SplitMix64
  private var now: UInt64 = second
  private var values: [String: Value] = [:]
  /// What was told, and until when it is to hold.
  private var told: [String: UInt64] = [:]
  private var nextVersion = 1
  /// What was found after it had come from the device, and after another process had taken the device over.
  private(set) var (broughtUp, foundAgain) = (0, 0)
  private var isOfBefore: Set<String> = []
  /// What is not there may come back with the device.
  private var isOff = false

  static let objects = (0..<8).map { "o\($0)" }
  static let plain = (0..<12).map { "p\($0)" }

  init(seed: UInt64, offering: DiskBooks.Offering, policy: EvictionPolicy) throws {
    device = try PretendDevice(mebibytes: 4, offering: offering, policy: policy)
    random = SplitMix64(seed: seed)
  }

  mutating func step() throws {
    now += UInt64(random.pick(0...300)) * 1_000_000
    expire()
    switch random.pick(0...99) {
    case 0...24: try store()
    case 25...34: try change()
    case 35...39: try remove()
    case 40...69: try read(anyKey())
    case 70...76: ask()
    case 77...98: deviceStep()
    default: try bigStep()
    }
  }

  /// What has to be true at any time.
  func check() {
    device.store.checkInvariants()
    precondition(device.stagedBytes >= 0 && device.leavingBytes >= 0)
  }

  /// Nothing is held once everything is gone.
  mutating func end() throws {
    for key in Self.objects + Self.plain { try read(key) }
    for stripe in 0..<Lane.stripeCount { device.client.removeAll(stripe: stripe) }
    device.takeNews()
    check()
    guard device.stagedBytes == 0, device.leavingBytes == 0, device.away == 0, device.living.isEmpty else {
      throw Violation(what: "something is left of nothing")
    }
  }

  // MARK: A client

  private mutating func anyKey() -> String {
    let keys = Self.objects + Self.plain
    return keys[random.pick(0...keys.count - 1)]
  }

  private static func isObject(_ key: String) -> Bool { key.hasPrefix("o") }
  private static func name(_ key: String) -> String { isObject(key) ? key + "kv_bytes" : key }

  private mutating func expire() {
    let milliseconds = EntryDeadline.milliseconds(now)
    for (key, value) in values where value.deadline != 0 && value.deadline <= milliseconds { forget(key) }
  }

  private mutating func forget(_ key: String) {
    values[key] = nil
    told[key] = nil
    isOfBefore.remove(key)
  }

  private mutating func store() throws {
    let key = anyKey()
    var value = Value(
      version: nextVersion, length: random.pick(1...(random.chance(perMille: 300) ? 3000 : 250_000)), deadline: 0)
    nextVersion += 1
    let isStored: Bool
    if Self.isObject(key) {
      value.meta = meta(random.pick(1...1000))
      isStored = device.client.put(key, length: value.length, version: value.version, meta: value.meta, at: now)
    } else {
      var options = SetOptions()
      if random.chance(perMille: 200) {
        value.deadline = EntryDeadline.milliseconds(now) + UInt64(random.pick(100...20_000))
        options.deadline = .at(value.deadline * 1_000_000)
      }
      let outcome = device.client.set(key, length: value.length, version: value.version, options, at: now)
      isStored = outcome == true
      if outcome == nil { return }
    }
    forget(key)
    if isStored { values[key] = value }
  }

  /// Metadata and times, of what is there.
  private mutating func change() throws {
    let key = anyKey()
    let name = Self.name(key)
    guard var value = values[key] else { return }
    guard device.client.length(name: name, at: now) != nil else {
      if !isOff { forget(key) }
      return
    }
    let isApplied: Bool
    switch random.pick(0...2) {
    case 0 where Self.isObject(key):
      value.meta = meta(random.pick(1...1000))
      isApplied = device.client.set(key + "metadata", metadata(length: value.length, value.meta!), at: now) == true
    case 1:
      let had = value.deadline != 0
      value.deadline = 0
      isApplied = device.client.persist(name, at: now) == had
    default:
      value.deadline = EntryDeadline.milliseconds(now) + UInt64(random.pick(100...20_000))
      isApplied = device.client.expire(name, atDeadline: value.deadline * 1_000_000, at: now)
    }
    // Metadata may find no room to arrive in; or it made some by taking its object's.
    if isApplied { values[key] = value }
    isOfBefore.remove(key)
  }

  private mutating func remove() throws {
    let key = anyKey()
    let wasThere = device.client.remove(name: Self.name(key), at: now)
    if wasThere, values[key] == nil { throw Violation(what: "\(key) was there again") }
    forget(key)
  }

  private mutating func ask() {
    let key = anyKey()
    var burst = TouchBurst()
    let isYes =
      Self.isObject(key)
      ? device.client.exists(key, .withMeta, at: now, &burst) : device.client.exists(name: key, at: now)
    if isYes { told[key] = now + 2 * second } else if values[key] != nil, !isToldNow(key) { told[key] = nil }
  }

  private func isToldNow(_ key: String) -> Bool { told[key].map { now <= $0 } ?? false }

  private mutating func read(_ key: String) throws {
    let (kind, before) = (Self.isObject(key) ? ValueKind.withMeta : .plain, device.away)
    let value = values[key]
    switch device.ask(key, kind, version: value?.version ?? 0, now: now) {
    case .wrong: throw Violation(what: "\(key) is not the last version")
    case .unreachable: return
    case .absent:
      if value != nil, isToldNow(key) { throw Violation(what: "\(key) was promised and is gone") }
      return forget(key)
    case .hit: break
    }
    guard let value else { throw Violation(what: "\(key) is there again") }
    if device.away < before { broughtUp += 1 }
    if isOfBefore.contains(key) { foundAgain += 1 }
    told[key] = nil
    try checkWhatIsSaid(of: key, value)
  }

  private func checkWhatIsSaid(of key: String, _ value: Value) throws {
    let name = Self.name(key)
    if let meta = value.meta,
      device.client.shown(key + "metadata", at: now) != .metadata(metadata(length: value.length, meta))
    {
      throw Violation(what: "\(key) has other metadata")
    }
    let left = Int(value.deadline) - Int(EntryDeadline.milliseconds(now))
    guard device.client.length(name: name, at: now) == value.length,
      device.client.timeToLive(name, at: now) == (value.deadline == 0 ? .unlimited : .milliseconds(left))
    else { throw Violation(what: "\(key) is not what it was") }
  }

  // MARK: A device

  private mutating func deviceStep() {
    let ref = device.records.isEmpty ? nil : device.records[random.pick(0...device.records.count - 1)].ref
    switch random.pick(0...9) {
    case 0...3: write()
    case 4...5: device.emptyMemory(now: now)
    case 6: if let ref { device.bringUp(ref, isStaged: random.chance(perMille: 700), now: now) }
    case 7: if let ref { device.lane.endStaging(ref) }
    case 8: device.lane.flush(now: now)
    default:
      let segments = Set(device.records.map(\.place.segment)).sorted()
      guard segments.count > 2 else { return }
      for key in device.reclaim(segments[0], now: now) { told[String(decoding: key, as: UTF8.self)] = nil }
    }
  }

  /// Some of what waits is written, refused or passed by, and some of it changes meanwhile.
  private mutating func write() {
    let batch = device.takeNews()
    for ref in batch.leaving + batch.stored {
      switch random.pick(0...9) {
      case 0: device.lane.refuse(ref)
      case 1:
        var key: String?
        let place = device.write(ref, now: now) {
          guard let said = device.lastSaid else { return }
          key = String(decoding: said.key, as: UTF8.self)
          _ = device.client.remove(name: Self.name(key!), at: now)
        }
        if place == nil, let key { forget(key) }
      case 2 where !batch.leaving.contains(ref): break
      default: device.write(ref, now: now)
      }
    }
  }

  private mutating func bigStep() throws {
    switch random.pick(0...4) {
    case 0:
      for stripe in 0..<Lane.stripeCount { device.client.removeAll(stripe: stripe) }
      for key in Array(values.keys) { forget(key) }
    case 1: device.books.devices[0].isWriting.toggle()
    case 2: try goOffForAWhile()
    default:
      device = try device.restarted(now: now)
      told = [:]
      isOfBefore = Set(values.keys)
    }
    if random.chance(perMille: 700) { device.books.devices[0].isWriting = true }
  }

  /// The device is lost, and found again as it was, while a client goes on.
  private mutating func goOffForAWhile() throws {
    device.takeNews()
    device.books.beginLoading(0)
    (told, isOff) = ([:], true)
    for record in device.records { device.lane.loseCopy(record.ref, at: record.place) }
    for _ in 0..<random.pick(0...10) {
      now += 50_000_000
      expire()
      switch random.pick(0...2) {
      case 0: try store()
      case 1: try remove()
      default: try change()
      }
    }
    device.load(device.records, now: now)
    isOff = false
  }
}

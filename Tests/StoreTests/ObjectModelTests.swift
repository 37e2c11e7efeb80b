import Base
import Foundation
import Testing

@testable import Store

/// What names show, against a dictionary of keys that knows the rules of proto/objects.md, in long random sequences.
/// In a roomy store nothing is ever missing; in a tight one only what nobody was promised, and both halves together.
@Suite struct ObjectModelTests {
  @Test(arguments: 1...8)
  func roomy(seed: Int) throws {
    let model = try ObjectModel(seed: UInt64(seed), mebibytes: 96, isTight: false)
    for _ in 0..<1500 { model.step() }
    model.finish()
  }

  @Test(arguments: 1...8)
  func tight(seed: Int) throws {
    let model = try ObjectModel(seed: UInt64(seed), mebibytes: seed % 2 == 0 ? 4 : 10, isTight: true)
    for _ in 0..<1500 { model.step() }
    model.finish()
  }
}

private final class ObjectModel {
  private struct Value {
    var version: Int
    var length: Int
  }

  private struct Unit {
    var value: Value?
    /// Of an object only; with `value` they fit each other.
    var metadata: [UInt8]?
    var deadline: UInt64 = 0
    var promisedUntil: UInt64 = 0

    var isObject: Bool { value != nil && metadata != nil }
  }

  private enum Slot: Hashable {
    case whole
    case object
    case odd(Int)

    var number: Int {
      switch self {
      case .whole: 0
      case .object: 1
      case .odd(let style): 2 + style
      }
    }
  }

  private enum Part: Int {
    case whole
    case bytes
    case metadata
  }

  private struct Name {
    var key: String
    var part: Part
    var style: Int

    var text: String {
      let half = part == .bytes ? "kv_bytes" : "metadata"
      if part == .whole { return key }
      return ["\(key)\(half)", "\(key):\(half)", "{\(key)}:\(half)"][style]
    }
  }

  private let store: Store
  private let lane: Lane
  private let isTight: Bool
  private var random: SplitMix64
  private var now: UInt64 = 1_000 * second
  private var versions = 0
  private var keys: [String: [Slot: Unit]] = [:]
  private var shownCount = 0
  private let names: [String]

  init(seed: UInt64, mebibytes: Int, isTight: Bool) throws {
    store = try Store.make(mebibytes: mebibytes, clients: 64)
    lane = store.lane(0)
    self.isTight = isTight
    random = SplitMix64(seed: seed)
    names = (0..<12).map { $0 < 10 ? "k\($0)" : String(repeating: "long\($0)", count: $0 == 10 ? 60 : 900) }
  }

  func step() {
    now += UInt64(random.pick(0...40)) * 1_000_000
    expire()
    switch random.pick(0...99) {
    case 0...29: set()
    case 30...39: putByLM()
    case 40...54: get()
    case 55...64: exists()
    case 65...71: askByLM()
    case 72...76: remove()
    case 77...82: changeTime()
    case 83...88: askTime()
    case 89: now += UInt64(random.pick(0...40)) * second
    case 90...93: lane.flush(now: now)
    case 94...97: scan()
    case 98: if random.chance(perMille: 300) { flushAll() }
    default: store.populate()
    }
    store.checkInvariants()
    let snapshot = store.snapshot()
    #expect(snapshot.usedBytes <= snapshot.budgetBytes)
  }

  func finish() {
    #expect(shownCount > 100, "the sequence showed something")
    #expect(lane.counters.leasesBroken.value == 0)
    flushAll()
    store.checkInvariants()
    let snapshot = store.snapshot()
    #expect(snapshot.objects == 0 && snapshot.names == 0 && snapshot.pageBytes == 0 && snapshot.leasedBytes == 0)
    #expect(snapshot.inFlightBytes == 0 && snapshot.keyBytes == 0)
  }

  private func flushAll() {
    for stripe in 0..<Lane.stripeCount { lane.removeAll(stripe: stripe) }
    keys = [:]
    #expect(lane.nameCount() == 0)
  }

  // MARK: The rules

  private func hasPassed(_ deadline: UInt64) -> Bool { deadline != 0 && now / 1_000_000 >= deadline }

  private func expire() {
    for (key, slots) in keys { keys[key] = slots.filter { !hasPassed($0.value.deadline) } }
  }

  private func isPlain(_ unit: Unit) -> Bool {
    guard let value = unit.value, let metadata = unit.metadata, metadata.count == 28 else { return false }
    let numbers = stride(from: 0, to: 28, by: 4).map { offset in
      metadata[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    // The only shapes that occur here are of two dimensions, in elements of two bytes.
    return ![0, 4, 5].contains(numbers[1]) && numbers[3] * numbers[4] * 2 == value.length
  }

  /// The slot that a name shows.
  private func visible(_ name: Name) -> Slot? {
    let slots = keys[name.key] ?? [:]
    let object = slots[.object]
    switch name.part {
    case .whole:
      if slots[.whole] != nil { return .whole }
      return object.map(isPlain) == true ? .object : nil
    case .bytes: return object?.value != nil ? .object : nil
    case .metadata:
      if object?.isObject == true { return .object }
      return slots[.odd(name.style)] != nil ? .odd(name.style) : nil
    }
  }

  private func unit(_ name: Name) -> Unit? { visible(name).flatMap { keys[name.key]?[$0] } }

  /// What was evicted leaves the model, too: none of it was promised, and nothing goes in a roomy store. What is left
  /// is what the model says, half by half.
  private func sync(_ key: String) {
    let held = lane.slots(of: key, at: now)
    for (slot, unit) in keys[key] ?? [:] where held[slot.number] == nil {
      #expect(isTight, "nothing goes in a roomy store")
      #expect(unit.promisedUntil < now, "what was promised is there")
      keys[key]?[slot] = nil
    }
    let expected = (keys[key] ?? [:]).map { ($0.key.number, kind($0.key, $0.value)) }
    #expect(held == Dictionary(uniqueKeysWithValues: expected))
  }

  private func kind(_ slot: Slot, _ unit: Unit) -> EntryKind {
    switch slot {
    case .whole: .whole
    case .odd: .oddMetadata
    case .object: unit.isObject ? .object : unit.value != nil ? .bytesAlone : .metadataAlone
    }
  }

  // MARK: Steps

  private func name() -> Name {
    Name(
      key: names[random.pick(0...names.count - 1)], part: Part(rawValue: random.pick(0...2))!,
      style: random.pick(0...2))
  }

  private func length() -> Int {
    switch random.pick(0...9) {
    case 0: 0
    case 1...5: 2 * 10 * random.pick(1...3)
    case 6...7: random.pick(1...3000)
    default: random.pick(1...(isTight ? 900_000 : 200_000))
    }
  }

  private func meta(length: Int) -> ObjectMeta {
    let shape: (Int32, Int32, Int32, Int32) =
      length > 0 && length % 20 == 0 ? (10, Int32(length / 20), 0, 0) : (3, 5, 0, 0)
    return ObjectMeta(format: [1, 1, 2, 5][random.pick(0...3)], type: 3, shape: shape)
  }

  private func set() {
    var name = name()
    if name.part == .whole { name.style = 0 }
    versions += 1
    var options = SetOptions(condition: [.none, .none, .none, .onlyIfAbsent, .onlyIfPresent][random.pick(0...4)])
    switch random.pick(0...5) {
    case 0: options.deadline = .at(now + UInt64(random.pick(1...20_000)) * 1_000_000)
    case 1: options.deadline = .kept
    default: break
    }
    if name.part == .metadata, random.chance(perMille: 700) {
      let held = keys[name.key]?[.object]?.value?.length ?? 20 * random.pick(1...3)
      let stated = random.chance(perMille: 800) ? held : held + 20
      let bytes = metadata(
        length: stated, meta(length: stated), groups: random.pick(0...3) == 0 ? random.pick(2...12) : 1)
      settle(name, options, length: bytes.count, write: { $0.write(bytes, now: now) }) {
        self.describe(name, bytes, stated: stated, $0)
      }
    } else {
      var length = length()
      if name.part == .metadata, ObjectMeta.groupCount(inBytes: length) != nil { length += 1 }
      if name.part == .bytes, random.chance(perMille: 600), let metadata = keys[name.key]?[.object]?.metadata {
        length = Int(metadata[0]) | Int(metadata[1]) << 8 | Int(metadata[2]) << 16
      }
      let value = Value(version: versions, length: length)
      settle(name, options, length: length, write: { $0.write(version: value.version, until: length, now: now) }) {
        self.store(name, value, $0)
      }
    }
  }

  private func settle(
    _ name: Name, _ options: SetOptions, length: Int, write: (inout Reservation) -> Void, apply: (UInt64) -> Void
  ) {
    guard let reservation = filled(lane.begin(name: name.text, length: length, at: now), length, write) else { return }
    // Room was made by now; from here on nothing goes.
    sync(name.key)
    let wasPresent = visible(name) != nil
    let kept = unit(name)?.deadline ?? 0
    var burst = TouchBurst()
    let isStored = reservation.publish(now: now, burst: &burst, options: options).isStored
    #expect(isStored == (options.condition == .none || wasPresent == (options.condition == .onlyIfPresent)))
    guard isStored else { return sync(name.key) }
    switch options.deadline {
    case .never: apply(0)
    case .kept: apply(kept)
    case .at(let time): apply(time / 1_000_000)
    }
    sync(name.key)
  }

  /// A reservation with all its bytes; nil when it was dropped.
  private func filled(
    _ reservation: consuming Reservation?, _ length: Int, _ write: (inout Reservation) -> Void
  ) -> Reservation? {
    guard var reservation else {
      #expect(isTight, "a roomy store drops nothing")
      return nil
    }
    while true {
      switch reservation.extend(to: length, now: now) {
      case .ready:
        write(&reservation)
        return reservation
      case .wait: continue
      case .drop(let reason):
        #expect(isTight, "a roomy store drops nothing")
        reservation.abandon(reason)
        return nil
      }
    }
  }

  private func promise(_ key: String, _ slots: [Slot]) -> UInt64 {
    slots.compactMap { keys[key]?[$0]?.promisedUntil }.max() ?? 0
  }

  private func store(_ name: Name, _ value: Value, _ deadline: UInt64) {
    var unit = Unit(value: value, deadline: deadline)
    let odd = [Slot.odd(0), .odd(1), .odd(2)]
    switch name.part {
    case .whole:
      let object = keys[name.key]?[.object]
      unit.promisedUntil = promise(name.key, object?.isObject == true ? [.whole, .object] : [.whole])
      if object?.isObject == true { keys[name.key]?[.object] = nil }
      keys[name.key, default: [:]][.whole] = unit
    case .bytes:
      unit.promisedUntil = promise(name.key, [.object])
      if let held = keys[name.key]?[.object], let metadata = held.metadata, stated(metadata) == value.length {
        unit.metadata = metadata
        if held.value == nil { unit.deadline = sooner(deadline, held.deadline) }
      }
      if unit.isObject {
        unit.promisedUntil = promise(name.key, [.object, .whole] + odd)
        for slot in [Slot.whole] + odd { keys[name.key]?[slot] = nil }
      }
      keys[name.key, default: [:]][.object] = unit
    case .metadata:
      unit.promisedUntil = promise(name.key, [.odd(name.style)])
      if keys[name.key]?[.object]?.value == nil { keys[name.key]?[.object] = nil }
      keys[name.key]?[.object]?.metadata = nil
      keys[name.key, default: [:]][.odd(name.style)] = unit
    }
  }

  private func stated(_ metadata: [UInt8]) -> Int {
    metadata[0..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private func sooner(_ one: UInt64, _ other: UInt64) -> UInt64 {
    one == 0 || other == 0 ? max(one, other) : min(one, other)
  }

  private func describe(_ name: Name, _ bytes: [UInt8], stated: Int, _ deadline: UInt64) {
    if let value = keys[name.key]?[.object]?.value {
      if value.length == stated {
        let held = keys[name.key]![.object]!
        keys[name.key]![.object]!.metadata = bytes
        keys[name.key]![.object]!.deadline = sooner(held.deadline, deadline)
        for slot in [Slot.whole, .odd(0), .odd(1), .odd(2)] { keys[name.key]?[slot] = nil }
      } else {
        keys[name.key]![.object]!.metadata = nil
      }
    } else {
      keys[name.key, default: [:]][.object] = Unit(metadata: bytes, deadline: deadline)
    }
    keys[name.key]?[.odd(name.style)] = nil
  }

  private func putByLM() {
    let key = names[random.pick(0...9)]
    versions += 1
    let value = Value(version: versions, length: length())
    let meta = random.chance(perMille: 700) ? meta(length: value.length) : nil
    let write: (inout Reservation) -> Void = { $0.write(version: value.version, until: value.length, now: self.now) }
    let begun = lane.begin(key, length: value.length, meta: meta, at: now)
    guard let reservation = filled(begun, value.length, write) else {
      // Of an old value only what looks like the new one may stay.
      let held = lane.slots(of: key, at: now)
      for slot in [Slot.whole, .object] where held[slot.number] == nil { keys[key]?[slot] = nil }
      return
    }
    sync(key)
    var burst = TouchBurst()
    reservation.publish(now: now, burst: &burst)
    defer { sync(key) }
    guard let meta else { return store(Name(key: key, part: .whole, style: 0), value, 0) }
    let slots = [Slot.whole, .object, .odd(0), .odd(1), .odd(2)]
    let unit = Unit(
      value: value, metadata: metadata(length: value.length, meta), promisedUntil: promise(key, slots))
    keys[key] = [.object: unit]
    #expect(lane.has(key, .withMeta, at: now))
  }

  private func get() {
    let name = name()
    sync(name.key)
    guard let found = lane.find(name: name.text, at: now) else {
      // Metadata that cannot be promised is not served.
      let isRefused = isTight && name.part == .metadata && unit(name).map { $0.promisedUntil < now } == true
      #expect(visible(name) == nil || isRefused, "it is there: \(name.text.prefix(40))")
      return
    }
    guard let slot = visible(name), let unit = keys[name.key]?[slot] else {
      Issue.record("shows what is not there: \(name.text.prefix(40))")
      return
    }
    shownCount += 1
    switch consume found {
    case .metadata(let bytes):
      #expect(name.part == .metadata && unit.metadata == bytes.array)
      keys[name.key]![slot]!.promisedUntil = now + 30 * second
    case .bytes(let pin):
      let isExact = unit.value.map { pin.length == $0.length && pin.holds(version: $0.version) } ?? false
      #expect(isExact, "the bytes are the last ones: \(name.text.prefix(40))")
    }
  }

  private func exists() {
    let name = name()
    sync(name.key)
    guard lane.exists(name: name.text, at: now) else {
      // It may be there and not be promised.
      if let unit = unit(name) { #expect(isTight && unit.promisedUntil < now, "a promise is always prolonged") }
      return
    }
    guard let slot = visible(name) else {
      Issue.record("what is not there exists: \(name.text.prefix(40))")
      return
    }
    shownCount += 1
    keys[name.key]![slot]!.promisedUntil = now + 30 * second
  }

  private func askByLM() {
    let key = names[random.pick(0...9)]
    sync(key)
    let kind = random.chance(perMille: 700) ? ValueKind.withMeta : .plain
    let slot = kind == .withMeta ? Slot.object : .whole
    let held = keys[key]?[slot]
    let isThere = kind == .withMeta ? held?.isObject == true : held != nil
    var burst = TouchBurst()
    guard let pin = lane.find(key, kind, at: now, &burst) else { return #expect(!isThere, "lm sees what is there") }
    #expect(isThere, "lm sees what is not there: \(key)")
    guard let held, let value = held.value else { return }
    let (length, meta) = (pin.length, pin.meta)
    #expect(length == value.length && (meta == nil) == (kind == .plain))
    if let meta { #expect(metadata(length: length, meta) == Array(held.metadata![..<28])) }
    let isExact = pin.holds(version: value.version)
    #expect(isExact)
    shownCount += 1
    guard lane.exists(key, kind, at: now, &burst) else { return #expect(isTight && held.promisedUntil < now) }
    keys[key]![slot]!.promisedUntil = now + 30 * second
  }

  private func remove() {
    let name = name()
    sync(name.key)
    let slot = visible(name)
    #expect(lane.remove(name: name.text, at: now) == (slot != nil))
    if let slot { keys[name.key]?[slot] = nil }
    // Waiting metadata goes with the name that it would have.
    if name.part == .metadata, slot == nil, let waiting = keys[name.key]?[.object], waiting.value == nil {
      keys[name.key]?[.object] = nil
    }
    sync(name.key)
  }

  private func changeTime() {
    let name = name()
    sync(name.key)
    let slot = visible(name)
    if random.chance(perMille: 300) {
      let hadDeadline = lane.persist(name.text, at: now)
      #expect(hadDeadline == (slot.map { keys[name.key]![$0]!.deadline != 0 } ?? false))
      if let slot { keys[name.key]![slot]!.deadline = 0 }
      return
    }
    let deadline = now + UInt64(random.pick(0...30_000)) * 1_000_000
    #expect(lane.expire(name.text, atDeadline: deadline, at: now) == (slot != nil))
    if let slot { keys[name.key]![slot]!.deadline = deadline / 1_000_000 }
    expire()
    sync(name.key)
  }

  private func askTime() {
    let name = name()
    sync(name.key)
    let left = lane.timeToLive(name.text, at: now)
    let length = lane.length(name: name.text, at: now)
    guard let unit = unit(name) else { return #expect(length == nil && left == .absent) }
    let remaining = Int(unit.deadline) - Int(now / 1_000_000)
    #expect(left == (unit.deadline == 0 ? .unlimited : .milliseconds(remaining)))
    let isMetadata = name.part == .metadata && visible(name) == .object
    #expect(length == (isMetadata ? unit.metadata?.count : unit.value?.length))
  }

  /// Every name once, and nothing that is not there.
  private func scan() {
    for key in names { sync(key) }
    let seen = lane.scan(count: random.pick(1...40), at: now)
    #expect(Set(seen).count == seen.count)
    let units = keys.values.flatMap(\.values)
    #expect(seen.count == units.reduce(0) { $0 + ($1.isObject ? 2 : $1.value != nil ? 1 : 0) })
    for name in seen { #expect(lane.length(name: name, at: now) != nil, "what SCAN shows is there") }
    lane.sweepAll(now: now)
    #expect(lane.nameCount() == seen.count, "DBSIZE counts what SCAN shows")
  }
}

extension Lane {
  /// The living entries of a key: whole, object or part of one, odd values by style.
  func slots(of key: String, at now: UInt64) -> [Int: EntryKind] {
    Array(key.utf8).withUnsafeBytes { key in
      let hash = vault.hash(key)
      return vault.index.withStripe(of: hash) { table in
        let family = family(hash, now: now, in: &table) { vault.holds($0, hash, key) }
        let ids = [family.whole, family.object, family.odd[0], family.odd[1], family.odd[2]]
        return Dictionary(
          uniqueKeysWithValues: ids.enumerated().filter { $0.element != 0 }.map {
            ($0.offset, vault.entries[$0.element].pointee.kind)
          })
      }
    }
  }

  /// Until everything that has expired is gone.
  func sweepAll(now: UInt64) { for _ in 0..<8 { flush(now: now) } }
}

import Base
import Foundation
import Testing

@testable import Store

/// The store against a dictionary, in long random sequences. A value found is always the last one stored, promised
/// values are found, and the books add up after every step.
@Suite struct ModelTests {
  @Test(arguments: 1...12)
  func randomSequence(seed: Int) throws {
    let model = try Model(seed: UInt64(seed), mebibytes: seed % 3 == 0 ? 3 : 12)
    for _ in 0..<1500 { model.step() }
    model.finish()
  }
}

/// What the store must show: each step changes both and compares them.
final class Model {
  private let store: Store
  private let lane: Lane
  private var random: SplitMix64
  private var now: UInt64 = 5
  private var versions = 0
  private var values: [String: Value] = [:]
  private var arrivals: [Arrival] = []
  private var readers: [Reader] = []
  private var bursts = [TouchBurst(), TouchBurst()]
  private var charged = 0
  private let lease = 30
  private var hits = 0
  private let budgetBytes: Int
  private var budgetBytesMost: Int
  private var usedBytes = 0
  private var excused = 0
  private var hasOutlastedLease = false

  init(seed: UInt64, mebibytes: Int) throws {
    store = try Store.make(
      mebibytes: mebibytes, reach: 2 * mebibytes, lease: lease, clients: 64, policy: seed % 2 == 0 ? .lru : .returns)
    budgetBytes = mebibytes * mebibyte
    budgetBytesMost = budgetBytes
    lane = store.lane(0)
    random = SplitMix64(seed: seed)
  }

  func step() {
    now += UInt64(random.pick(0...40)) * 1_000_000
    switch random.pick(0...99) {
    case 0...19: begin()
    case 20...54: proceed()
    case 55...69: find()
    case 70...84: exists()
    case 85...88: remove()
    case 89...94: endReader()
    case 95: now += UInt64(random.pick(0...45)) * second
    case 96: charge()
    case 97: random.chance(perMille: 400) ? resize() : lane.flush(now: now)
    case 98: checkKeys()
    default: store.populate()
    }
    store.checkInvariants()
    let snapshot = store.snapshot()
    #expect(snapshot.usedBytes <= max(snapshot.budgetBytes, usedBytes), "beyond a smaller budget it only shrinks")
    usedBytes = snapshot.usedBytes
    let tableBytes = snapshot.recordBytes + snapshot.indexBytes + snapshot.fixedBytes
    #expect(snapshot.usedBytes == snapshot.pageBytes + tableBytes + snapshot.chargedBytes)
    #expect(snapshot.usedBytesHighWater <= budgetBytesMost)
  }

  /// Between half and twice the budget; values beyond it that may go, go at once.
  private func resize() {
    store.resize(budgetBytes: budgetBytes / 100 * random.pick(50...200), now: now)
    let snapshot = store.snapshot(now: now)
    budgetBytesMost = max(budgetBytesMost, snapshot.budgetBytes)
    usedBytes = max(usedBytes, snapshot.usedBytes)
    let held = store.heldBytes(at: now) + snapshot.inFlightBytes + readers.reduce(0) { $0 + $1.bytes }
    let kept =
      snapshot.pageBytes - min(snapshot.pageBytes, held + (arrivals.count + readers.count + 30) * Limits.pageBytes)
    #expect(snapshot.usedBytes <= snapshot.budgetBytes || kept == 0, "only what is promised, read or arriving stays")
  }

  func finish() {
    #expect(hits > 20, "the sequence found something")
    #expect(lane.counters.leasesBroken.value <= store.evicted(for: .recovery) || hasOutlastedLease)
    arrivals.removeAll()
    while !readers.isEmpty { endReader() }
    for stripe in 0..<Lane.stripeCount { lane.removeAll(stripe: stripe) }
    store.checkInvariants()
    let snapshot = store.snapshot()
    #expect(snapshot.objects == 0 && snapshot.pageBytes == 0 && snapshot.leasedBytes == 0)
    #expect(snapshot.inFlightBytes == 0 && snapshot.keyBytes == 0)
  }

  private func key() -> String {
    let number = random.pick(0...29)
    return number < 3 ? "test@1@0@0@\(number)" : String(repeating: "k", count: number * 5) + "\(number)"
  }

  private func length() -> Int {
    switch random.pick(0...9) {
    case 0: 0
    case 1...3: random.pick(1...70_000)
    case 4: random.pick(1...12) * Limits.pageBytes
    case 5: random.pick(60_000...66_000)
    case 6...8: random.pick(1...900_000)
    default: random.pick(1...3_500_000)
    }
  }

  private func begin() {
    guard arrivals.count < 8 else { return }
    let key = key()
    let old = values[key]
    let keepsShape = old != nil && random.chance(perMille: 300)
    let length = keepsShape ? old!.length : length()
    let meta = keepsShape ? old!.meta : (random.chance(perMille: 500) ? meta(random.pick(0...1)) : nil)
    versions += 1
    let value = Value(version: versions, length: length, meta: meta)
    guard let reservation = lane.begin(key, length: length, meta: meta, at: now) else {
      return dropped(key, value)
    }
    arrivals.append(Arrival(reservation: reservation, key: key, value: value))
  }

  /// One body gets some more bytes, is published when whole, and is sometimes cut off.
  private func proceed() {
    guard !arrivals.isEmpty else { return }
    let index = random.pick(0...arrivals.count - 1)
    let arrival = arrivals[index]
    let value = arrival.value
    if random.chance(perMille: 60) {
      arrivals.remove(at: index)
      return cut(arrival)
    }
    let end = min(value.length, arrival.use { $0.received } + random.pick(0...700_000))
    switch arrival.use({ $0.extend(to: end, now: now) }) {
    case .ready:
      arrival.use { $0.write(version: value.version, until: end, now: now) }
      guard end == value.length else { return }
      arrivals.remove(at: index)
      let reservation = arrival.take()
      reservation.publish(now: now, burst: &bursts[random.pick(0...1)])
      published(arrival)
    case .wait: break
    case .drop(let reason):
      arrivals.remove(at: index)
      let reservation = arrival.take()
      reservation.abandon(reason)
      dropped(arrival.key, value)
    }
  }

  private func published(_ arrival: Arrival) {
    let value = arrival.value
    values[arrival.key] = value
    // This look is a fetch and settles the promise of the old value.
    #expect(lane.has(arrival.key, value.meta == nil ? .plain : .withMeta, at: now))
  }

  private func cut(_ arrival: Arrival) {
    let reservation = arrival.take()
    switch random.pick(0...2) {
    case 0: _ = consume reservation
    case 1: reservation.abandon(.connectionLost)
    default:
      reservation.abandon(.silent)
      dropped(arrival.key, arrival.value)
    }
  }

  /// After a drop the key holds no value of another shape, unless that is promised.
  private func dropped(_ key: String, _ value: Value) {
    guard let old = values[key], old.length != value.length || old.meta != value.meta else { return }
    let isThere = lane.has(key, old.meta == nil ? .plain : .withMeta, at: now)
    if old.promisedThrough >= now, !key.hasPrefix("test@") { #expect(isThere, "what is promised stays: \(key)") }
    if isThere { settle(key) } else { values[key] = nil }
    #expect(!lane.has(key, old.meta == nil ? .withMeta : .plain, at: now))
  }

  private func settle(_ key: String) {
    values[key]?.promisedThrough = 0
    values[key]?.firstAsked = nil
  }

  private func find() {
    let key = key()
    let kind = random.chance(perMille: 500) ? ValueKind.plain : .withMeta
    guard let pin = lane.find(key, kind, at: now, &bursts[random.pick(0...1)]) else { return missed(key, kind) }
    guard let value = values[key] else {
      Issue.record("found what was never stored: \(key)")
      return
    }
    hits += 1
    settle(key)
    let (length, meta) = (pin.length, pin.meta)
    #expect(length == value.length && meta == value.meta)
    #expect((value.meta == nil) == (kind == .plain))
    let isExact = pin.holds(version: value.version)
    #expect(isExact)
    if random.chance(perMille: 400), readers.count < 6 { readers.append(Reader(pin: pin, version: value.version)) }
  }

  /// For the key of the recovery check a promise is broken where nothing else can go; counted each time.
  private func isExcused() -> Bool {
    excused += 1
    return excused <= store.evicted(for: .recovery)
  }

  private func missed(_ key: String, _ kind: ValueKind) {
    guard let value = values[key], (value.meta == nil) == (kind == .plain) else { return }
    #expect(value.promisedThrough < now || isExcused(), "a promised value is there: \(key)")
    values[key] = nil
  }

  private func exists() {
    let key = key()
    let kind = random.chance(perMille: 500) ? ValueKind.plain : .withMeta
    guard lane.exists(key, kind, at: now, &bursts[random.pick(0...1)]) else {
      guard let value = values[key], (value.meta == nil) == (kind == .plain) else { return }
      #expect(value.promisedThrough < now || isExcused(), "a promised value is there: \(key)")
      #expect(!lane.has(key, kind, at: now), "one client alone is never told no: \(key)")
      values[key] = nil
      return
    }
    #expect(values[key].map { ($0.meta == nil) == (kind == .plain) } == true, "only what is there exists: \(key)")
    let first = values[key]?.firstAsked ?? now
    values[key]?.firstAsked = first
    if now + 5 * second <= first + UInt64(lease) * second {
      values[key]?.promisedThrough = now + 5 * second
    } else {
      // A client alone is told the truth for longer than anything is held for it.
      hasOutlastedLease = true
    }
  }

  private func remove() {
    let key = key()
    let wasThere = lane.remove(key)
    #expect(!wasThere || values[key] != nil)
    if let value = values[key], !wasThere { #expect(value.promisedThrough < now) }
    values[key] = nil
    #expect(!lane.has(key, .plain, at: now) && !lane.has(key, .withMeta, at: now))
  }

  private func endReader() {
    guard !readers.isEmpty else { return }
    let reader = readers.remove(at: random.pick(0...readers.count - 1))
    let isWhole = reader.isExact(from: Double(random.pick(0...1000)) / 1000)
    #expect(isWhole, "a reader keeps the bytes it began with")
  }

  /// Buffers of connections come and go. A charge that fails is given back.
  private func charge() {
    if charged > 0 {
      store.discharge(charged)
      charged = 0
    } else if store.snapshot().usedBytes + 200_000 < store.snapshot().budgetBytes {
      #expect(store.charge(100_000))
      charged = 100_000
    }
  }

  private func checkKeys() {
    var count = 0
    var bytes = 0
    for stripe in 0..<Lane.stripeCount {
      for kind in [ValueKind.plain, .withMeta] {
        lane.forEachKey(stripe: stripe, kind: kind, now: 0) { key in
          count += 1
          bytes += key.byteCount
          let name = key.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
          #expect(values[name] != nil && (values[name]?.meta != nil) == (kind == .withMeta))
        }
      }
    }
    #expect(count == lane.keyCount() && bytes == lane.keyBytes())
  }
}

import Base
import Glibc
import IO
import Simulation
import Wire

@testable import Objects
@testable import Store
@testable import Tier

/// Somebody who stores, reads and deletes at random, and has the model know.
final class TierClient: @unchecked Sendable {
  private let life: TierLife
  private let process: TierProcess
  private var random: SplitMix64
  private var burst = TouchBurst()

  private var lane: Lane { process.lane }
  private var loop: EventLoop { process.loop }
  private var now: UInt64 { process.now }

  init(_ life: TierLife, number: Int) {
    self.life = life
    process = life.process
    random = SplitMix64(seed: life.random.next())
  }

  func run() async {
    for _ in 0..<life.plan.operationsEach {
      guard !life.isStopping, life.failure == nil else { return }
      await act(life.keys.randomElement(using: &random)!)
      lane.flush(now: loop.now)
      await loop.sleep(nanoseconds: UInt64(random.pick(1...20)) * 1_000_000)
      if random.chance(perMille: 15) { await loop.sleep(nanoseconds: UInt64(random.pick(1...30)) * 100_000_000) }
    }
  }

  private func act(_ key: TierKey) async {
    switch random.pick(0...999) {
    case 0..<400: await put(key)
    case 400..<730: await get(key)
    case 730..<850: await askThenGet(key)
    case 850..<930: delete(key)
    case 930..<990: expire(key)
    default: if random.pick(0...9999) < life.plan.flushesPerMillion { await flush() }
    }
  }

  // MARK: Storing

  private func length() -> Int {
    switch random.pick(0...99) {
    case 0: 0
    case 1..<30: random.pick(1...5000)
    case 30..<70: random.pick(1...30_000)
    case 70..<97: random.pick(1...110_000)
    default: random.pick(1...600_000)
    }
  }

  private func put(_ key: TierKey) async {
    var version = TierKey.Version(length: length(), noise: 0)
    let noise = random.pick(0...1_000_000)
    switch key.kind {
    case .plain:
      guard var reservation = lane.begin(name: key.name.span.bytes, length: version.length, now: loop.now) else {
        return
      }
      guard await fill(&reservation, key, noise) else { return reservation.abandon(.noMemory) }
      var options = SetOptions()
      if random.chance(perMille: 200) {
        let wait = UInt64(random.pick(100...20_000)) * 1_000_000
        let time = loop.now + wait
        options.deadline = .at(time)
        version.deadline = process.time(ofWorld: time)
      }
      _ = reservation.publish(now: loop.now, burst: &burst, options: options)
      life.census.expiries += version.deadline == 0 ? 0 : 1
    case .chunk:
      let meta = ObjectMeta(format: 1, type: 2, shape: (Int32(noise), 32, 256, 1024), location: 7)
      version.meta = meta
      let begun = lane.begin(key: key.name.span.bytes, length: version.length, meta: meta, now: loop.now)
      guard var reservation = begun else { return }
      guard await fill(&reservation, key, noise) else { return reservation.abandon(.noMemory) }
      reservation.publish(now: loop.now, burst: &burst)
    case .pair:
      guard var reservation = lane.begin(name: key.bytesName.span.bytes, length: version.length, now: loop.now) else {
        return
      }
      guard await fill(&reservation, key, noise) else { return reservation.abandon(.noMemory) }
      // So that nothing of the one before fits it.
      _ = lane.remove(name: key.bytesName.span.bytes, now: loop.now)
      _ = reservation.publish(now: loop.now, burst: &burst, options: SetOptions())
      if random.chance(perMille: 700) { version.metadata = putMetadata(key, version.length, noise) }
    }
    version.noise = noise
    key.store(version, at: now)
    life.note("put \(key.number): version \(key.versions.count - 1), \(version.length) bytes")
  }

  private func fill(_ reservation: inout Reservation, _ key: TierKey, _ noise: Int) async -> Bool {
    let vectors = UnsafeMutableBufferPointer<iovec>.allocate(capacity: 64)
    defer { vectors.deallocate() }
    let bytes = Noise.of(key: key.number, version: noise)
    while true {
      switch reservation.extend(to: reservation.length, now: loop.now) {
      case .drop: return false
      case .wait: await loop.sleep(nanoseconds: 2_000_000)
      case .ready:
        while reservation.received < reservation.length {
          let left = reservation.length - reservation.received
          let count = reservation.regions(from: reservation.received, max: left, into: vectors)
          for vector in vectors[..<count] {
            memcpy(vector.iov_base, bytes + reservation.received, vector.iov_len)
            reservation.advance(by: vector.iov_len, now: loop.now)
          }
        }
        return true
      }
    }
  }

  /// Nil where there was no room for it.
  private func putMetadata(_ key: TierKey, _ length: Int, _ noise: Int) -> [UInt8]? {
    let groups = [1, 1, 2, 10, 32].randomElement(using: &random)!
    var words = [Int32(length), 1, 2, Int32(noise), 3, 4, 5]
    for group in 1..<max(2, groups) where group < groups { words += [1, Int32(group), 8, 8, 8] }
    let bytes = words.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }
    guard var reservation = lane.begin(name: key.metadataName.span.bytes, length: bytes.count, now: loop.now),
      case .ready = reservation.extend(to: bytes.count, now: loop.now)
    else { return nil }
    var vector = iovec()
    while reservation.received < bytes.count {
      let start = reservation.received
      _ = withUnsafeMutablePointer(to: &vector) {
        reservation.regions(
          from: start, max: bytes.count - start, into: UnsafeMutableBufferPointer(start: $0, count: 1))
      }
      bytes.withUnsafeBytes { _ = memcpy(vector.iov_base, $0.baseAddress! + start, vector.iov_len) }
      reservation.advance(by: vector.iov_len, now: loop.now)
    }
    _ = reservation.publish(now: loop.now, burst: &burst, options: SetOptions())
    return bytes
  }

  // MARK: Reading

  private enum Found: ~Copyable {
    case memory(Pin)
    case away(ValueRef)
    case absent
  }

  private func find(_ key: TierKey) -> Found {
    if key.kind == .chunk {
      switch lane.find(key: key.name.span.bytes, kind: .withMeta, now: loop.now, burst: &burst) {
      case .memory(let pin): return .memory(pin)
      case .disk(let ref): return .away(ref)
      case .absent: return .absent
      }
    }
    switch lane.find(name: key.bytesName.span.bytes, now: loop.now, burst: &burst) {
    case .bytes(let pin): return .memory(pin)
    case .away(let ref): return .away(ref)
    case .metadata: return .absent
    case nil: return .absent
    }
  }

  private func get(_ key: TierKey) async {
    var brought: BroughtValue?
    for attempt in 0..<5 {
      let found = withExtendedLifetime(brought) { find(key) }
      switch consume found {
      case .memory(let pin):
        life.census.hits += 1
        life.census.brought += attempt > 0 ? 1 : 0
        guard let number = life.see(pin, of: key) else { return }
        life.note("get \(key.number): version \(number)")
        if key.promisedThrough > now { life.census.promisesKept += 1 }
        key.promisedThrough = 0
        return await hold(pin, key, key.versions[number].noise)
      case .absent: return miss(key)
      case .away(let ref):
        brought = await process.tier.bring(ref, by: lane, now: loop.now)
        if brought == nil { return miss(key) }
      }
    }
    miss(key)
  }

  /// Its bytes stay while they are read, whatever becomes of the key.
  private func hold(_ pin: consuming Pin, _ key: TierKey, _ noise: Int) async {
    if random.chance(perMille: 300) { await loop.sleep(nanoseconds: UInt64(random.pick(1...500)) * 1_000_000) }
    if !pin.holds(key: key.number, version: noise) { life.fail("key \(key.number) changed while it was read") }
  }

  private func miss(_ key: TierKey) {
    life.census.misses += 1
    life.note("miss \(key.number)")
    // What was told to a client that nobody serves any more was told in vain.
    guard key.promisedThrough > now, !life.isHarmed, !life.isStopping else { return }
    let (peek, figures) = (life.peek(key), process.store.snapshot(now: process.world.now))
    life.fail("a promise is broken: key \(key.number), \(String(describing: peek)), \(life.describe(key)), \(figures)")
  }

  private func askThenGet(_ key: TierKey) async {
    guard ask(key) else { return }
    let isUnlimited = key.candidates.allSatisfy { key.versions[$0].deadline == 0 }
    if isUnlimited, life.flushesUnderWay == 0 {
      key.promisedThrough = now + UInt64(process.store.promiseSeconds - 1) * 1_000_000_000
    }
    if random.chance(perMille: 800) { await loop.sleep(nanoseconds: UInt64(random.pick(1...200)) * 1_000_000) }
    if random.chance(perMille: 100) { await loop.sleep(nanoseconds: UInt64(random.pick(1...25)) * 1_000_000_000) }
    guard !life.isStopping else { return }
    await get(key)
  }

  private func ask(_ key: TierKey) -> Bool {
    if key.kind == .chunk {
      return lane.exists(key: key.name.span.bytes, kind: .withMeta, now: loop.now, burst: &burst)
    }
    return lane.exists(name: key.bytesName.span.bytes, now: loop.now, burst: &burst)
  }

  // MARK: Ends

  private func delete(_ key: TierKey) {
    if key.kind == .chunk {
      _ = key.name.withUnsafeBytes { lane.removeAll(key: $0, now: loop.now) }
    } else {
      _ = lane.remove(name: key.bytesName.span.bytes, now: loop.now)
    }
    life.note("delete \(key.number)")
    key.end(at: now)
  }

  private func expire(_ key: TierKey) {
    let wait = UInt64(random.pick(10...20_000)) * 1_000_000
    let time = loop.now
    let isThere = key.name.withUnsafeBytes { bytes in
      lane.transact(on: bytes, now: time) { transaction in
        let kinds = KindSet(.plain).adding(.withMeta).adding(.bytesAlone)
        guard let entry = transaction.entry(of: kinds) else { return false }
        transaction.setDeadline(EntryDeadline.at(time + wait), of: entry)
        return true
      }
    }
    guard isThere else { return }
    key.expire(at: process.time(ofWorld: time + wait), now: now)
    life.census.expiries += 1
    life.note("expire \(key.number) at \((now + wait) / 1_000_000)")
  }

  /// As the command does it, but in one moment: so the model knows what went.
  private func flush() async {
    life.note("flush")
    life.flushesUnderWay += 1
    for stripe in 0..<Lane.stripeCount { lane.removeAll(stripe: stripe) }
    let counts = life.keys.map(\.versions.count)
    for key in life.keys { key.end(at: now) }
    let isDone = await process.tier.flush()
    life.flushesUnderWay -= 1
    life.note("flush is \(isDone)")
    // What was stored meanwhile may have gone, too.
    for key in life.keys { key.promisedThrough = 0 }
    guard isDone else {
      if !life.isHarmed, !life.isStopping { life.fail("a flush failed") }
      return
    }
    life.census.flushes += 1
    for (key, count) in zip(life.keys, counts) { key.flush(upTo: count) }
  }
}

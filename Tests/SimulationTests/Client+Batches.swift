import Base
import Server
import Wire

/// A client's requests.
extension Client {
  func makeBatch() -> Batch {
    let batch = Batch()
    let size = random.chance(perMille: 500) ? 1 : random.pick(2...12)
    for _ in 0..<size { addRequest(to: batch) }
    batch.sending = .draw(from: &random, bytes: batch.count)
    batch.receiving = .draw(from: &random, bytes: life.plan.isLarge ? 6_000_000 : 100_000)
    // Lent bytes are read long after the server released them.
    if life.plan.isLarge, random.chance(perMille: 600) { batch.receiving = .slow }
    batch.holdsBodies = random.chance(perMille: 200)
    if random.chance(perMille: 40) { batch.sendCut = random.pick(1...batch.count) }
    if random.chance(perMille: 30) { batch.receiveCut = random.pick(0...100_000) }
    batch.halfCloses = batch.sendCut == nil && batch.receiveCut == nil && random.chance(perMille: 60)
    note("batch", batch.count, batch.awaited.count)
    return batch
  }

  private func addRequest(to batch: Batch) {
    switch random.pick(0...99) {
    case 0..<30:
      put(slot: ownSlot, to: batch)
    case 30..<45:
      // An engine's way to make sure.
      let slot = ownSlot
      put(slot: slot, to: batch)
      exist(life.keys[life.slots[slot]], to: batch)
    case 45..<65: exist(anyKey, to: batch)
    case 65..<90: get(anyKey, to: batch)
    case 90..<94: askNothing(to: batch)
    case 94..<97:
      batch.append(.list, key: name("list"), generation)
      expect(.list, batch)
      batch.awaited[batch.awaited.count - 1].visibleKeys = life.keys.filter { $0.publishedVersion > 0 }
    default:
      batch.append(.health, key: name("health"), generation)
      expect(.health, batch)
    }
  }

  private func name(_ name: String) -> [UInt8] { Array(name.utf8) }

  private func expect(_ question: Awaited.Question, _ batch: Batch, of key: KeyRecord? = nil) {
    batch.awaited.append(
      Awaited(
        question: question, askedAt: life.now, publishedVersion: key?.publishedVersion ?? 0,
        settledVersion: key?.settledVersion ?? 0, promise: key?.promise,
        getsSent: key?.getsSent ?? 0, asksAnswered: key?.asksAnswered ?? 0, getsSettled: key?.getsSettled,
        putsBefore: puts.count + batch.puts.count))
  }

  private var ownSlot: Int {
    let own = (0..<life.plan.keys).filter { $0 % life.plan.clients == number }
    return own.randomElement(using: &random)!
  }

  private var anyKey: KeyRecord { life.keys.randomElement(using: &random)! }

  private func exist(_ key: KeyRecord, to batch: Batch) {
    batch.append(.exist, key: key.name, generation)
    expect(.exist(key), batch, of: key)
    key.isAsked(at: life.now)
  }

  private func get(_ key: KeyRecord, to batch: Batch) {
    batch.append(.get, key: key.name, generation)
    expect(.get(key), batch, of: key)
    key.isFetched()
    batch.awaited[batch.awaited.count - 1].getsSent = key.getsSent
  }

  private func put(slot: Int, to batch: Batch) {
    let key = life.keys[life.slots[slot]]
    let version = key.begin(drawVersion(of: key))
    let shape = key.versions[version - 1]
    batch.append(.put, length: shape.length, meta: shape.meta, key: key.name, generation)
    batch.append(Noise.of(key: key.number, version: version), count: shape.length)
    batch.puts.append(SentPut(key: key, version: version, end: batch.count, awaitedBefore: batch.awaited.count))
    note("put", key.number, version)
  }

  private func drawVersion(of key: KeyRecord) -> KeyRecord.Version {
    if let last = key.versions.last, (last.meta != nil) == generation.carriesMeta, random.chance(perMille: 400) {
      var meta = last.meta
      if generation == .eightInts { meta?.location = 0 }
      return KeyRecord.Version(length: last.length, meta: meta)
    }
    let version = key.versions.count + 1
    guard generation.carriesMeta else { return KeyRecord.Version(length: drawLength(), meta: nil) }
    let meta = ObjectMeta(
      format: Int32(version % 8 + 1), type: Int32(key.number), shape: (Int32(version), 32, 256, 128),
      location: generation == .nineInts ? Int32(version) : 0)
    return KeyRecord.Version(length: drawLength(), meta: meta)
  }

  /// Lent values: they fill whole blocks.
  private var blockBytes: Int { 2 * 1024 * 1024 }

  /// Around the edges of units, pages and slices, and anywhere.
  private func drawLength() -> Int {
    let most = life.plan.valueBytesMax
    if life.plan.isLarge, random.chance(perMille: 600) {
      // A longer tail, which is copied, would be all that is under way when the server has sent the value.
      return random.chance(perMille: 800) ? blockBytes + random.pick(0...100) : random.pick(blockBytes - 2...most)
    }
    guard random.chance(perMille: 400) else {
      return random.pick(0...[100, 5000, most, most].randomElement(using: &random)!)
    }
    let edge = [
      0, Limits.inboundBytes - generation.requestBytes, Limits.unitBytes, Limits.gatheredBytesMax,
      Limits.pageBytes, 2 * Limits.pageBytes,
      Limits.sliceBytes, 2 * Limits.sliceBytes,
    ].randomElement(using: &random)!
    return min(most, max(0, edge + random.pick(-2...2)))
  }

  /// Requests with a key that may have been cut: nothing is stored or found under it.
  private func askNothing(to batch: Batch) {
    let key = [UInt8](repeating: 0xC3, count: Limits.keyBytesMax)
    let length = random.pick(0...min(20_000, life.plan.valueBytesMax))
    batch.append(.put, length: length, meta: nil, key: key, generation)
    batch.append(Noise.of(key: 0, version: 0), count: length)
    batch.append(random.chance(perMille: 500) ? .get : .exist, key: key, generation)
    expect(.nothing, batch)
  }
}

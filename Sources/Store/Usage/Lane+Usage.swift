import Base

/// Who uses what: counted where it happens.
extension Lane {
  /// A look-up of what is here. Under the stripe's lock.
  @inline(__always)
  func noteLookup(of id: EntryID, by asker: Asker, isFound: Bool) {
    usage.add(
      isFound ? .lookupsFound : .lookupsMissed, of: vault.entries.marks(of: id).pointee, by: asker.client)
  }

  func noteMiss(_ count: UsageCount, _ key: UnsafeRawBufferPointer, _ hash: UInt64, by asker: Asker, now: UInt64) {
    usage.add(count, of: vault.marks(ofMissing: key), by: asker.client)
    if let gap = vault.departed.gap(ofMissing: hash, now: now) { counters.evictReuseGaps.record(tenths: gap) }
  }

  /// A fetch. Under the stripe's lock, before it is the last use of the chunk.
  @inline(__always)
  func noteFetch(of id: EntryID, by asker: Asker, now: UInt64, in table: StripeTable) {
    let (marks, length) = (vault.entries.marks(of: id).pointee, Int(vault.entries[id].pointee.length))
    usage.add(.fetchesFound, of: marks, by: asker.client)
    usage.add(.fetchedBytes, of: marks, by: asker.client, length)
    counters.hitBytes.add(length)
    counters.reuseGaps.record(tenths: Entry.age(of: table[id].pointee.usedAt, now: now))
    // Clients without a place of their own cannot be told apart.
    guard marks.client > NameTable.othersPlace, asker.client > NameTable.othersPlace else { return }
    if marks.client == asker.client {
      usage.add(.fetchedOwn, .client, asker.client)
    } else {
      usage.add(.fetchedOthers, .client, asker.client)
      usage.add(.fetchedByOthers, .client, marks.client)
    }
  }

  /// A value was stored, in the place of one of another length perhaps. Under the stripe's lock.
  func notePut(_ id: EntryID, by asker: Asker, insteadOfBytes oldLength: UInt32?, in table: StripeTable) {
    let marks = vault.entries.marks(of: id).pointee
    vault.noteTokens(of: id, in: table)
    vault.usage.noteWrite(ofModel: marks.model, by: asker.client)
    if let oldLength, oldLength != vault.entries[id].pointee.length, marks.model != NameTable.nonePlace {
      counters.resized.add()
    }
    usage.add(.puts, of: marks, by: asker.client)
    usage.add(.putBytes, of: marks, by: asker.client, Int(vault.entries[id].pointee.length))
  }

  /// What `body` fetches was read from a device for it.
  package func countingDiskHits<Result: ~Copyable>(_ body: () -> Result) -> Result {
    let (hits, diskHits, bytes, diskBytes) = (
      counters.hits.value, counters.diskHits.value, counters.hitBytes.value, counters.diskHitBytes.value
    )
    defer {
      counters.diskHits.add(Int(counters.hits.value - hits) - Int(counters.diskHits.value - diskHits))
      counters.diskHitBytes.add(Int(counters.hitBytes.value - bytes) - Int(counters.diskHitBytes.value - diskBytes))
    }
    return body()
  }
}

extension Vault {
  /// Of a value that is there for others from now on. Under the lock of its stripe.
  func noteTokens(of id: EntryID, in table: StripeTable) {
    let part = table[id]
    let count = part.pointee.annotationUnits > 0 ? part.pointee.meta.tokens : Limits.chunkTokensDefault
    usage.noteTokens(UInt32(count), ofModel: entries.marks(of: id).pointee.model)
  }

  /// Of a key that is not here, as far as chunks of its model and its tag are, or were lately.
  func marks(ofMissing key: UnsafeRawBufferPointer) -> UsageMarks {
    let names = UsageNames(key, seed: configuration.hashSeed)
    return UsageMarks(
      model: place(of: names.model, in: modelNames), tag: place(of: names.tag, in: tagNames))
  }

  private func place(of name: UsageName, in directory: NameDirectory) -> UInt8 {
    guard !name.isNone else { return NameTable.nonePlace }
    let place = directory.place(of: name.hash)
    return place == 0 ? NameTable.othersPlace : place
  }

  /// Shows the names in the key of an entry. Under the lock of its stripe.
  func withNames<Result>(of id: EntryID, _ body: (UsageNames) -> Result) -> Result {
    let seed = configuration.hashSeed
    if let key = entries.shortKey(of: id) { return body(UsageNames(key, seed: seed)) }
    guard Int(entries[id].pointee.keyLength) <= Limits.usageKeyBytesMax else {
      return body(UsageNames(UnsafeRawBufferPointer(start: nil, count: 0), seed: seed))
    }
    return withUnsafeTemporaryAllocation(byteCount: Limits.usageKeyBytesMax, alignment: 1) { room in
      let length = entries.copyKey(of: id, into: room)
      return body(UsageNames(UnsafeRawBufferPointer(rebasing: room[..<length]), seed: seed))
    }
  }

  /// It leaves memory to make room. Under the locks of its stripe and of the ledger.
  func noteAges(of id: EntryID, in table: StripeTable, _ ledger: borrowing Ledger, now: UInt64) {
    lifetimes.record(tenths: 10 * StoredAt.age(of: ledger[id].pointee.storedAt, now: now))
    idleTimes.record(tenths: Entry.age(of: table[id].pointee.usedAt, now: now))
  }
}

extension Entry {
  /// In tenths of a second. Loops' clocks differ by a turn.
  static func age(of tenths: UInt32, now: UInt64) -> Int {
    max(0, Int(Int32(bitPattern: Entry.tenths(now) &- tenths)))
  }
}

/// When a value came into memory: seconds in three bytes, which come round in half a year.
struct StoredAt: Equatable {
  // Single bytes, which need no alignment: there are three to spare in a record.
  private var high: UInt8 = 0
  private var middle: UInt8 = 0
  private var low: UInt8 = 0
  private static let mask: UInt32 = 0xFF_FFFF

  init() {}

  init(tenths: UInt32) {
    let seconds = tenths / 10
    high = UInt8(truncatingIfNeeded: seconds >> 16)
    middle = UInt8(truncatingIfNeeded: seconds >> 8)
    low = UInt8(truncatingIfNeeded: seconds)
  }

  /// In seconds.
  static func age(of storedAt: StoredAt, now: UInt64) -> Int {
    let stored = UInt32(storedAt.high) << 16 | UInt32(storedAt.middle) << 8 | UInt32(storedAt.low)
    let age = (Entry.tenths(now) / 10 &- stored) & mask
    // What seems to lie in the future was stored by a loop whose clock is ahead.
    return age > mask / 2 ? 0 : Int(age)
  }
}

extension ObjectMeta {
  /// How many tokens a chunk of this shape has; 0 where it is of one layer, and others of the same tokens lie beside it. Formats by
  /// the numbers that LMCache gives them.
  var tokens: Int {
    let count: Int32
    switch format {
    // Both sides, layers, tokens, width; and the same without sides.
    case 1, 6: count = shape.2
    // Of a layer.
    case 2, 3: return 0
    // Encoded bytes do not say.
    default: return Limits.chunkTokensDefault
    }
    return (1...Limits.chunkTokensMax).contains(Int(count)) ? Int(count) : Limits.chunkTokensDefault
  }
}

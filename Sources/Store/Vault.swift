import Base
import Glibc

/// What all lanes share. `LockRank` has the order in which its locks are taken.
final class Vault: Sendable {
  let configuration: StoreConfiguration
  let arena: Arena
  let links: PageLinks
  let marks: BlockMarks
  let entries: EntryTable
  let index: Index
  let ledger: Guarded<Ledger>
  let promises: Promises
  let uses: RecentUses
  let populationSignal = PopulationSignal()
  let changes: ChangeLog?
  /// One populates at a time.
  let population = Guarded(Population(), rank: .population)
  /// Added to under the ledger's lock.
  let evictions = CounterTable<EvictionReason>()
  /// Blocks that were lent, and got new memory before they were used again.
  let renewedBlocks = Counter()
  /// Blocks that were lent, and stay without memory for now.
  let unrenewedBlocks = Counter()
  let headroom = Headroom()
  let pinWish = PinWish()
  let usage: UsageCounters
  let modelNames: NameDirectory
  let tagNames: NameDirectory
  let departed: DepartedKeys
  /// Of what left memory to make room. Added to under the ledger's lock.
  let lifetimes = Histogram()
  let idleTimes = Histogram()
  let disk: DiskBooks?
  let quotas: QuotaTable?

  init(_ configuration: StoreConfiguration) throws(StoreFailure) {
    self.configuration = configuration
    changes = configuration.notesChanges ? ChangeLog() : nil
    quotas = QuotaTable(configuration.quotas)
    arena = try Arena(reachBytes: configuration.reachBytes)
    links = try PageLinks(pageCount: arena.pageCount)
    let (entries, stripeParts, ledgerParts) = try EntryTable.make(reachBytes: configuration.reachBytes)
    self.entries = entries
    disk = configuration.disk
    index = Index(
      stripeParts, disk: disk == nil ? nil : try Mapping(byteCount: entries.capacity * DiskParts.bytesEach))
    marks = try BlockMarks(pageCount: arena.pageCount)
    usage = UsageCounters(laneCount: configuration.laneCount)
    departed = DepartedKeys(budgetBytes: configuration.budgetBytes)
    let books = try Ledger(
      configuration: configuration, entries: entries, parts: ledgerParts, links: links, marks: marks, usage: usage)
    (modelNames, tagNames) = (books.usage.models.directory, books.usage.tags.directory)
    ledger = Guarded(books, rank: .ledger)
    promises = Promises(leaseSeconds: configuration.leaseSeconds, budgetBytes: configuration.budgetBytes)
    uses = RecentUses(budgetBytes: configuration.budgetBytes)
  }

  deinit {
    ledger.withLock { $0.deallocate() }
  }

  func hash(_ key: UnsafeRawBufferPointer) -> UInt64 {
    KeyHash.hash(key, seed: configuration.hashSeed)
  }

  /// What losing it would give back; without the annex of its metadata, which may change under a promise. What only a device has
  /// counts as it will when it is here again.
  func footprintBytes(of id: EntryID, in table: StripeTable) -> Int {
    let bytes =
      isAway(id, in: table)
      ? Footprint(length: Int(entries[id].pointee.length)).bytes : entries.storage(of: id).pointee.bytes
    return bytes + entries.recordBytes(of: id)
  }

  /// True when `id` holds exactly this key. Under the lock of its stripe.
  @inline(__always)
  func holds(_ id: EntryID, _ hash: UInt64, _ key: UnsafeRawBufferPointer) -> Bool {
    entries[id].pointee.hash == hash && entries.hasKey(id, key)
  }

  /// Seconds of the clock that `now` is from, counted from 1.
  static func second(_ now: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: now / 1_000_000_000) + 1 }
  static func end(ofSecond second: UInt32) -> UInt64 { UInt64(second) * 1_000_000_000 - 1 }

  // MARK: Leaving

  /// Takes an entry out of everything but the index, whose slot the caller has taken or given away.
  /// Under the lock of its stripe. Those who still read it keep its bytes alive.
  func retire(_ id: EntryID, in table: StripeTable, ledger: inout Ledger, isLost: Bool = false) {
    let entry = table[id]
    let isAway = isAway(id, in: table)
    ledger.disown(id, entry.pointee.kind, isAway: isAway)
    if isAway {
      ledger.away -= 1
      ledger.order.leaveAway(id)
    } else {
      ledger.leaveList(id)
      ledger.order.leave(id)
      ledger.quotas?.leave(id)
    }
    if isLost { loseCopy(of: id, in: table) } else { forgetCopy(of: id, in: table) }
    ledger.uncount(id, entry.pointee.kind)
    if entry.pointee.pins == 0 {
      ledger.free(id, in: table)
    } else {
      entry.pointee.state = .dead
      ledger.deadBytes += entries.storage(of: id).pointee.bytes
      if configuration.hasPlanted(.reuseUnderPin) { ledger.releaseStorage(of: id) }
    }
  }

  func unpin(_ id: EntryID, hash: UInt64) {
    index.withStripe(of: hash) { table in
      let entry = table[id]
      precondition(entry.pointee.pins > 0, "a pin ends once")
      entry.pointee.pins = entry.pointee.pins - 1
      guard entry.pointee.pins == 0, entry.pointee.state == .dead else { return }
      ledger.withLock { ledger in
        ledger.deadBytes -= entries.storage(of: id).pointee.bytes
        ledger.free(id, in: table)
      }
    }
  }
}

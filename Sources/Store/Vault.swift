import Base
import Glibc

/// What all lanes share. Locks are taken in one order: a stripe of the index, then the ledger or the book of promises;
/// those two never together, and nothing after them.
final class Vault: Sendable {
  let configuration: StoreConfiguration
  let arena: Arena
  let links: PageLinks
  let marks: BlockMarks
  let entries: EntryTable
  let index = Index()
  let ledger: Guarded<Ledger>
  let promises: Promises
  let uses: RecentUses
  let bell = Bell()
  let changes: ChangeQueue?
  /// One populates at a time.
  let population = Guarded(Population())
  /// Added to under the ledger's lock.
  let evictions = CounterTable<EvictionReason>()
  /// Blocks that were lent, and got new memory before they were used again.
  let renewedBlocks = Counter()
  /// Blocks that were lent, and stay without memory for now.
  let unrenewedBlocks = Counter()
  let headroom = Headroom()
  let pinWish = PinWish()

  init(_ configuration: StoreConfiguration) throws(StoreFailure) {
    self.configuration = configuration
    changes = configuration.notesChanges ? ChangeQueue() : nil
    arena = try Arena(reachBytes: configuration.reachBytes)
    links = try PageLinks(pageCount: arena.pageCount)
    entries = try EntryTable(reachBytes: configuration.reachBytes)
    marks = try BlockMarks(pageCount: arena.pageCount)
    ledger = Guarded(try Ledger(configuration: configuration, entries: entries, links: links, marks: marks))
    promises = Promises(leaseSeconds: configuration.leaseSeconds, budgetBytes: configuration.budgetBytes)
    uses = RecentUses(budgetBytes: configuration.budgetBytes)
  }

  deinit {
    ledger.withLock { $0.deallocate() }
  }

  func hash(_ key: UnsafeRawBufferPointer) -> UInt64 {
    KeyHash.hash(key, seed: configuration.hashSeed)
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
  func retire(_ id: EntryID, ledger: inout Ledger) {
    let entry = entries[id]
    note(.gone, id)
    ledger.unlist(id)
    if entry.pointee.pins == 0 {
      ledger.free(id)
    } else {
      entry.pointee.state = .dead
      ledger.deadBytes += entry.pointee.storageBytes
      #if DEBUG
        if configuration.plantedBug == .reuseUnderPin { ledger.releaseStorage(of: id) }
      #endif
    }
  }

  #if DEBUG
    func pin(_ id: EntryID, hash: UInt64) -> Pin {
      Pin(index.withStripe(of: hash) { _ in PinnedValue(pinning: id, entries[id]) }, vault: self)
    }
  #endif

  func unpin(_ id: EntryID, hash: UInt64) {
    index.withStripe(of: hash) { _ in
      let entry = entries[id]
      precondition(entry.pointee.pins > 0, "a pin ends once")
      entry.pointee.pins = entry.pointee.pins - 1
      guard entry.pointee.pins == 0, entry.pointee.state == .dead else { return }
      ledger.withLock { ledger in
        ledger.deadBytes -= entry.pointee.storageBytes
        ledger.free(id)
      }
    }
  }
}

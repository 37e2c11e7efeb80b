import Base
import CXxhash
import Glibc

/// What all lanes share. Locks are taken in one order: a stripe of the index, then the ledger or the lease book;
/// those two never together, and nothing after them.
final class Vault: Sendable {
  let configuration: StoreConfiguration
  let arena: Arena
  let links: PageLinks
  let marks: BlockMarks
  let entries: EntryTable
  let index = Index()
  let ledger: Guarded<Ledger>
  let leases: Guarded<LeaseBook>
  let bell = Bell()
  let changes: ChangeQueue?
  /// One populates at a time.
  let population = Guarded(Population())
  /// Values that gave way to a smaller budget. Added to under the ledger's lock.
  let evictedForBudget = Counter()
  /// Blocks that were lent, and got new memory before they were used again.
  let renewedBlocks = Counter()

  init(_ configuration: StoreConfiguration) throws(StoreFailure) {
    self.configuration = configuration
    changes = configuration.notesChanges ? ChangeQueue() : nil
    arena = try Arena(reachBytes: configuration.reachBytes)
    links = try PageLinks(pageCount: arena.pageCount)
    entries = try EntryTable(reachBytes: configuration.reachBytes)
    marks = try BlockMarks(pageCount: arena.pageCount)
    ledger = Guarded(try Ledger(configuration: configuration, entries: entries, links: links, marks: marks))
    leases = Guarded(LeaseBook(budgetBytes: configuration.budgetBytes))
  }

  deinit {
    ledger.withLock { $0.bodies.deallocate() }
    leases.withLock { $0.deallocate() }
  }

  func hash(_ key: UnsafeRawBufferPointer) -> UInt64 {
    lm_hash64(key.baseAddress, key.count, configuration.hashSeed)
  }

  /// True when `id` holds exactly this key. Under the lock of its stripe.
  @inline(__always)
  func holds(_ id: EntryID, _ hash: UInt64, _ key: UnsafeRawBufferPointer) -> Bool {
    entries[id].pointee.hash == hash && entries.hasKey(id, key)
  }

  static func second(_ now: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: now / 1_000_000_000) }

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
      ledger.withLock { $0.free(id) }
    }
  }

  func endLease(of entry: UnsafeMutablePointer<Entry>) {
    guard entry.pointee.leaseUntil != 0 else { return }
    leases.withLock { $0.release(entry.pointee.footprintBytes, through: entry.pointee.leaseUntil) }
    entry.pointee.leaseUntil = 0
  }

  // MARK: Eviction

  enum Eviction {
    case evicted(brokeLease: Bool)
    /// The one looked at stays; the next may go.
    case spared
    /// None can go.
    case exhausted
  }

  func evictOne(now: UInt64) -> Eviction {
    let second = Self.second(now)
    guard let candidate = ledger.withLock({ $0.victim(at: second) }) else { return .exhausted }
    let (eviction, isSpent) = index.withStripe(of: candidate.hash) { evict(candidate, at: second, in: &$0) }
    if isSpent { bell.ring() }
    return eviction
  }

  /// Under the lock of its stripe. And whether the helper is to be woken, behind the lock.
  private func evict(
    _ candidate: Candidate, at second: UInt32, in table: inout StripeTable
  ) -> (Eviction, isSpent: Bool) {
    let id = candidate.ref.id
    // In the index under this lock means published: only now may its record be read.
    guard let slot = table.find(candidate.hash, where: { $0 == id }) else { return (.spared, false) }
    let entry = entries[id]
    if !mayGo(entry, at: second) {
      ledger.withLock { $0.spare(id) }
      return (.spared, false)
    }
    let brokeLease = entry.pointee.isLeased(at: second)
    table.remove(at: slot)
    endLease(of: entry)
    let isSpent = ledger.withLock { ledger in
      retire(id, ledger: &ledger)
      return ledger.pages.hasSpentBlock
    }
    return (.evicted(brokeLease: brokeLease), isSpent)
  }

  private func mayGo(_ entry: UnsafeMutablePointer<Entry>, at second: UInt32) -> Bool {
    #if DEBUG
      if configuration.plantedBug == .reuseUnderPin { return !entry.pointee.isLeased(at: second) }
      if configuration.plantedBug == .breakPromises { return entry.pointee.pins == 0 }
    #endif
    return entry.pointee.pins == 0 && !entry.pointee.isLeased(at: second)
  }
}

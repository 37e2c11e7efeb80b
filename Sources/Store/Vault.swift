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
  /// Values that gave way to a smaller budget. Added to under the ledger's lock.
  let evictedForBudget = Counter()
  /// Values that gave way to what others of the system took. Added to under the helper's lock.
  let evictedForSystem = Counter()
  /// Blocks that were lent, and got new memory before they were used again.
  let renewedBlocks = Counter()
  /// Blocks that were lent, and stay without memory for now.
  let unrenewedBlocks = Counter()
  let headroom = Headroom()
  let pinWish = PinWish()
  /// Promised values that gave way to the key of the engines' recovery check. Added to under the ledger's lock.
  let evictedForRecovery = Counter()

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

  // MARK: Eviction

  enum Eviction {
    case evicted
    /// Those looked at stay; others may go.
    case spared
    /// None can go.
    case exhausted
  }

  /// A writer found nothing to evict: where it is pins that are in its way, slow readers are to let go of theirs.
  func wishForPins(now: UInt64) {
    if ledger.withLock({ $0.pinsAreInTheWay }) { pinWish.make(now: now) }
  }

  /// Takes the value that is to go next, and sets aside those that cannot. With `breaksPromises`, where nothing else is
  /// left, the promise that ends first.
  func evictOne(now: UInt64, breaksPromises: Bool = false) -> Eviction {
    for _ in 0..<Limits.setAsidePerLook {
      let found = ledger.withLock { ledger in
        ledger.victim(now: now) ?? (breaksPromises ? ledger.promisedVictim() : nil)
      }
      guard let candidate = found else {
        promises.pressure.exhausted(now: Entry.tenths(now))
        return .exhausted
      }
      let (isEvicted, isSpent) = index.withStripe(of: candidate.hash) {
        evict(candidate, now: now, breaksPromises: breaksPromises, in: &$0)
      }
      if isSpent { bell.ring() }
      if isEvicted { return .evicted }
    }
    return .spared
  }

  /// Under the lock of its stripe. And whether the helper is to be woken, behind the lock.
  private func evict(
    _ candidate: Candidate, now: UInt64, breaksPromises: Bool, in table: inout StripeTable
  ) -> (isEvicted: Bool, isSpent: Bool) {
    let id = candidate.ref.id
    // In the index under this lock means published: only now may its record be read.
    guard let slot = table.find(candidate.hash, where: { $0 == id }) else { return (false, false) }
    let entry = entries[id]
    if let obstacle = obstacle(to: entry, candidate, now: now, breaksPromises: breaksPromises) {
      ledger.withLock { $0.setAside(id, obstacle, now: now, isBreaking: breaksPromises) }
      return (false, false)
    }
    let touchedAt = candidate.isInTurn ? entry.pointee.touchedAt : candidate.mayBeFresh ? Entry.tenths(now) : nil
    promises.pressure.evicted(touchedAt: touchedAt, now: Entry.tenths(now))
    let isBroken = breaksPromises && promiseObstacle(to: entry, now: now) != nil
    table.remove(at: slot)
    // What was told may have run out.
    endPromise(of: entry, entry.pointee.promise.through >= Self.second(now) ? .evicted : nil)
    let isSpent = ledger.withLock { ledger in
      if isBroken { evictedForRecovery.add() }
      retire(id, ledger: &ledger)
      return ledger.pages.hasSpentBlock
    }
    return (true, isSpent)
  }

  private func obstacle(
    to entry: UnsafeMutablePointer<Entry>, _ candidate: Candidate, now: UInt64, breaksPromises: Bool
  ) -> Obstacle? {
    #if DEBUG
      if configuration.plantedBug == .reuseUnderPin { return promiseObstacle(to: entry, now: now) }
      if configuration.plantedBug == .breakPromises { return entry.pointee.pins > 0 ? .pinned : nil }
    #endif
    if entry.pointee.pins > 0 { return .pinned }
    if !breaksPromises || !candidate.mayBeFresh, let obstacle = promiseObstacle(to: entry, now: now) { return obstacle }
    if breaksPromises || candidate.mayBeFresh && !entry.pointee.isKept { return nil }
    return uses.contain(entry, now: now) ? .fresh : nil
  }

  private func promiseObstacle(to entry: UnsafeMutablePointer<Entry>, now: UInt64) -> Obstacle? {
    let through = promises.heldThrough(entry.pointee.promise)
    return through >= Self.second(now) ? .promised(through) : nil
  }
}

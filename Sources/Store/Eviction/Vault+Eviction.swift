import Base
import Policy

/// The one way in which values go to make room.
extension Vault {
  /// Evicts while `isShort` says so. False when it still does, because none can go or `looksMax` looks found none.
  @discardableResult
  func evict(
    for reason: EvictionReason, looksMax: Int = Limits.victimLooksMax, while isShort: (inout Ledger) -> Bool
  ) -> Bool {
    var looks = 0
    while let now = ledger.withLock({ isShort(&$0) ? $0.latestNow : nil }) {
      switch evict(for: reason, now: now) {
      case .evicted: break
      case .spared:
        looks += 1
        if looks >= looksMax { return false }
      case .exhausted: return false
      }
    }
    return true
  }

  /// Takes the value that is to go next, and sets aside those that cannot. With `breaksPromises`, where nothing else is
  /// left, the promise that ends first. Bounded work: what one call does not find, the next one may.
  func evict(for reason: EvictionReason, now: UInt64, breaksPromises: Bool = false) -> EvictionOutcome {
    for _ in 0..<Limits.setAsidePerLook {
      let found = ledger.withLock { ledger in
        ledger.victim(now: now, sparesUnwritten: !reason.cannotWait)
          ?? (breaksPromises ? ledger.promisedVictim() : nil)
      }
      guard let candidate = found else {
        promises.pressure.exhausted(now: Entry.tenths(now))
        return .exhausted
      }
      if take(candidate, for: reason, now: now, breaksPromises: breaksPromises).isEvicted { return .evicted }
    }
    return .spared
  }

  /// Takes it, or sets it aside for what is in the way of that; neither, where it has gone meanwhile.
  func take(
    _ candidate: Candidate, for reason: EvictionReason, now: UInt64, breaksPromises: Bool
  ) -> (isEvicted: Bool, obstacle: Obstacle?) {
    let end = index.withStripe(of: candidate.hash) {
      evict(candidate, for: reason, now: now, breaksPromises: breaksPromises, in: &$0)
    }
    if end.isStale { populationSignal.raise() }
    return (end.isEvicted, end.obstacle)
  }

  /// Works out anew what chunks are worth, once enough was seen. The work is done under no lock.
  func learn() {
    guard let findings = ledger.withLock({ $0.order.takeFindings() }) else { return }
    let table = ValueTable(findings)
    ledger.withLock { $0.order.adopt(table) }
  }

  /// A writer found nothing to evict: where it is pins that are in its way, slow readers are to let go of theirs.
  func wishForPins(now: UInt64) {
    if ledger.withLock({ $0.pinsAreInTheWay }) { pinWish.make(now: now) }
  }

  /// Under the lock of its stripe. And whether the helper is to be woken, behind the lock.
  private func evict(
    _ candidate: Candidate, for reason: EvictionReason, now: UInt64, breaksPromises: Bool, in table: inout StripeTable
  ) -> (isEvicted: Bool, isStale: Bool, obstacle: Obstacle?) {
    let id = candidate.ref.id
    // In the index under this lock means published: only now may its record be read.
    guard let slot = table.find(candidate.hash, where: { $0 == id }), !isAway(id, in: table) else {
      return (false, false, nil)
    }
    let entry = table[id]
    let sisters = candidate.isChoice ? sisters(of: id, in: table) : Sisters()
    var obstacle = obstacle(to: candidate, id, in: table, now: now, breaksPromises: breaksPromises)
    for index in 0..<sisters.count where obstacle == nil {
      obstacle = self.obstacle(to: candidate, sisters.ids[index], in: table, now: now, breaksPromises: false)
    }
    if let obstacle {
      ledger.withLock { $0.setAside(id, obstacle, now: now, isBreaking: breaksPromises) }
      return (false, false, obstacle)
    }
    if !candidate.isOfQuota {
      let touchedAt = candidate.isInTurn ? entry.pointee.touchedAt : candidate.mayBeFresh ? Entry.tenths(now) : nil
      promises.pressure.evicted(touchedAt: touchedAt, now: Entry.tenths(now))
    }
    let isBroken = breaksPromises && promiseObstacle(to: entry.pointee.promise, now: now) != nil
    var isStale = evict(id, at: slot, for: isBroken ? .recovery : reason, now: now, in: &table)
    for index in 0..<sisters.count {
      let sister = sisters.ids[index]
      guard let slot = table.find(entries[sister].pointee.hash, where: { $0 == sister }) else { continue }
      isStale = evict(sister, at: slot, for: reason, now: now, in: &table) || isStale
    }
    return (true, isStale, nil)
  }

  private func evict(
    _ id: EntryID, at slot: Int, for reason: EvictionReason, now: UInt64, in table: inout StripeTable
  ) -> Bool {
    let entry = table[id]
    if table.disk(id)?.pointee.hasPlace == true {
      return ledger.withLock { ledger in
        ledger.order.noteEviction(id, isGone: false)
        noteAges(of: id, in: table, ledger, now: now)
        if reason == .quota { ledger.quotas?.noteEviction(of: id) }
        leaveMemory(id, in: table, ledger: &ledger)
        return ledger.pages.hasStaleBlock
      }
    }
    if entry.pointee.kind != .hidden { noteUnwritten(id, in: table) }
    table.remove(at: slot)
    // What was told may have run out.
    endPromise(of: id, entry.pointee.promise.through >= Self.second(now) ? .evicted : nil, in: table)
    note(.evicted, id, entry.pointee.kind)
    departed.note(entries[id].pointee.hash, now: now)
    return ledger.withLock { ledger in
      evictions.add(reason)
      ledger.order.noteEviction(id, isGone: true)
      noteAges(of: id, in: table, ledger, now: now)
      if reason == .quota { ledger.quotas?.noteEviction(of: id) }
      retire(id, in: table, ledger: &ledger)
      return ledger.pages.hasStaleBlock
    }
  }

  /// The parts of a chunk that belong to other ranks, as far as they are here: without one of them the others are of no use.
  private struct Sisters {
    var ids = InlineArray<64, EntryID>(repeating: 0)
    var count = 0
  }

  private func sisters(of id: EntryID, in table: StripeTable) -> Sisters {
    var sisters = Sisters()
    let hash = entries[id].pointee.hash
    guard KeyHash.isRanked(hash) else { return sisters }
    table.forEachSister(hash) { sister in
      guard sister != id, sisters.count < sisters.ids.count, KeyHash.areSisters(entries[sister].pointee.hash, hash),
        table[sister].pointee.kind != .hidden, !entries[sister].pointee.isKept, !isAway(sister, in: table)
      else { return }
      sisters.ids[sisters.count] = sister
      sisters.count += 1
    }
    return sisters
  }

  private func obstacle(
    to candidate: Candidate, _ id: EntryID, in table: StripeTable, now: UInt64, breaksPromises: Bool
  ) -> Obstacle? {
    let entry = table[id]
    let promise = entry.pointee.promise
    if configuration.hasPlanted(.reuseUnderPin) { return promiseObstacle(to: promise, now: now) }
    if configuration.hasPlanted(.breakPromises) { return entry.pointee.pins > 0 ? .pinned : nil }
    if entry.pointee.pins > 0 { return .pinned }
    let mayBreakIt = breaksPromises && candidate.mayBeFresh && !candidate.isChoice
    if !mayBreakIt, let obstacle = promiseObstacle(to: promise, now: now) { return obstacle }
    let isKept = entries[candidate.ref.id].pointee.isKept
    if breaksPromises { return nil }
    if !candidate.mayBeUnwritten, entry.pointee.kind != .hidden, waitsForDevice(id, in: table) { return .unwritten }
    if candidate.mayBeFresh && !isKept { return nil }
    let bytes = footprintBytes(of: candidate.ref.id, in: table)
    return uses.contain(entry, bytes: bytes, isKept: isKept, now: now) ? .fresh : nil
  }

  private func promiseObstacle(to promise: Promise, now: UInt64) -> Obstacle? {
    let through = promises.heldThrough(promise)
    return through >= Self.second(now) ? .promised(through) : nil
  }
}

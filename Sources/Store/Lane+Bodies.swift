import Base

extension Lane {
  /// Pages for a body up to byte `end`, evicting what has to go. Bounded work: what one call does not manage,
  /// the next one does.
  func grow(_ body: BodyID, to end: Int, now: UInt64) -> Extension {
    for _ in 0..<Limits.victimLooksMax {
      switch vault.ledger.withLock({ grow(body, to: end, now: now, ledger: &$0) }) {
      case .ready: return .ready
      case .condemned: return .drop(.condemned)
      case .behind:
        vault.bell.ring()
        return .wait
      case .crowded: return contest(body, now: now, .inFlightLimit)
      case .full:
        switch vault.evictOne(now: now) {
        case .evicted(let brokeLease):
          counters.evictedForPages.add()
          if brokeLease { counters.leasesBroken.add() }
        case .spared: break
        case .exhausted: return contest(body, now: now, .noMemory)
        }
      }
    }
    return .wait
  }

  private func grow(_ body: BodyID, to end: Int, now: UInt64, ledger: inout Ledger) -> Growth {
    applyTouches(to: &ledger)
    let wasAhead = ledger.pages.aheadBytes
    let growth = ledger.grow(body, to: end, now: now)
    // Rung on the way down through each step, not on every slice.
    let step = Limits.populateStepBytes
    if ledger.pages.aheadBytes / step < wasAhead / step, ledger.populationStep() != nil { vault.bell.ring() }
    return growth
  }

  private func contest(_ body: BodyID, now: UInt64, _ reason: DropReason) -> Extension {
    vault.ledger.withLock { $0.bodies.mustYield(body, now: now) } ? .drop(reason) : .wait
  }

  /// The one moment at which a value becomes visible: index, order, books and lease under its stripe's lock.
  func publish(_ ref: EntryRef, _ body: BodyID, hash: UInt64, now: UInt64, burst: inout TouchBurst) {
    let entry = vault.entries[ref.id]
    let key = vault.entries.key(of: ref.id)
    // Once it is visible another lane may evict it, and the record be somebody else's.
    let length = Int(entry.pointee.length)
    vault.index.withStripe(of: hash) { table in
      table.pending -= 1
      let oldSlot = table.find(hash, where: { vault.holds($0, hash, key) })
      let old = oldSlot.map { table.entry(at: $0) }
      if let oldSlot { table.replace(at: oldSlot, with: ref.id) } else { table.insert(hash, ref.id) }
      entry.pointee.state = .published
      let touch = burst.follow(ref, entry, now: now, stamps: &stamps)
      carryLease(from: old.map { vault.entries[$0] }, to: entry, now: now)
      vault.ledger.withLock { ledger in
        applyTouches(to: &ledger)
        ledger.enlist(ref, after: touch.predecessor)
        ledger.end(body)
        ledger.noteTime(now)
        if let old { vault.retire(old, ledger: &ledger) }
      }
      if old != nil { counters.overwrites.add() }
    }
    counters.published.add()
    counters.publishedBytes.add(length)
  }

  /// A promise made for the key holds for its new bytes; without one there is a short one if it costs nobody else's.
  private func carryLease(
    from old: UnsafeMutablePointer<Entry>?, to entry: UnsafeMutablePointer<Entry>, now: UInt64
  ) {
    let second = Vault.second(now)
    let fresh = UInt32(min(Limits.freshLeaseSeconds, vault.configuration.leaseSeconds))
    var end = fresh == 0 ? 0 : second + fresh
    var claim = LeaseBook.Claim.fresh
    if let old, old.pointee.isLeased(at: second) {
      end = max(end, old.pointee.leaseUntil)
      claim = .carried
    }
    if let old { vault.endLease(of: old) }
    guard end != 0 else { return }
    let isPromised = vault.leases.withLock {
      $0.promise(entry.pointee.footprintBytes, through: end, insteadOf: 0, at: second, claim: claim)
    }
    if isPromised { entry.pointee.leaseUntil = end }
  }

  /// Gives a body's pages and record back.
  func abandon(_ ref: EntryRef, _ body: BodyID, hash: UInt64, _ reason: DropReason) {
    let entry = vault.entries[ref.id]
    drop(
      vault.entries.key(of: ref.id), hash, length: Int(entry.pointee.length),
      meta: entry.pointee.hasMeta ? entry.pointee.meta : nil, reason)
    vault.ledger.withLock {
      $0.end(body)
      $0.free(ref.id)
    }
    releaseSlot(of: hash)
  }
}

extension Ledger {
  /// Takes a published entry into the order and the books.
  mutating func enlist(_ ref: EntryRef, after predecessor: EntryRef) {
    order.touch(ref.id, after: isOrdered(predecessor) ? predecessor.id : nil)
    objects += 1
    keyBytes += Int(entries[ref.id].pointee.keyLength)
    // There may be something to evict again.
    barren = BarrenLooks()
  }
}

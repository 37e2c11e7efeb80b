import Base
import Policy

extension Lane {
  /// Pages for a body up to byte `end`, evicting what has to go. Bounded work: what one call does not manage,
  /// the next one does.
  func grow(_ body: BodyID, to end: Int, byBlocks: Bool, isKept: Bool = false, now: UInt64) -> Extension {
    var mayWaitForBlock = byBlocks
    for look in 1...Limits.victimLooksMax {
      // The last look takes what there is: no body is to wait for a block where pages would do.
      let byBlocks = mayWaitForBlock && look < Limits.victimLooksMax
      let (growth, isLow) = vault.ledger.withLock { grow(body, to: end, byBlocks: byBlocks, now: now, ledger: &$0) }
      if isLow { vault.populationSignal.raise() }
      switch growth {
      case .ready: return .ready
      case .condemned: return .drop(.condemned)
      case .behind:
        vault.populationSignal.raise()
        return .wait
      case .crowded: return contest(body, now: now, .inFlightLimit)
      case .overQuota(let quota, let isForGood):
        switch isForGood ? .none : vault.makeRoom(inQuota: quota, now: now) {
        case .made: break
        case .later: return .wait
        case .none:
          vault.ledger.withLock { $0.quotas?.noteDrop(quota) }
          return .drop(.quota)
        }
      case .full:
        switch vault.evict(for: .pages, now: now, breaksPromises: isKept) {
        case .evicted, .spared: break
        case .exhausted where byBlocks: mayWaitForBlock = false
        case .exhausted:
          vault.wishForPins(now: now)
          return contest(body, now: now, .noMemory)
        }
      }
    }
    return .wait
  }

  /// And whether the helper is to be woken, behind the lock.
  private func grow(
    _ body: BodyID, to end: Int, byBlocks: Bool, now: UInt64, ledger: inout Ledger
  ) -> (Growth, isLow: Bool) {
    applyTouches(to: &ledger)
    let wasAhead = ledger.pages.readyBytes
    let growth = ledger.grow(body, to: end, byBlocks: byBlocks, now: now)
    // On the way down through each step, not on every slice.
    let step = Limits.populateStepBytes
    return (growth, ledger.pages.readyBytes / step < wasAhead / step && ledger.canPopulate)
  }

  private func contest(_ body: BodyID, now: UInt64, _ reason: DropReason) -> Extension {
    vault.ledger.withLock { $0.bodies.mustYield(body, now: now) } ? .drop(reason) : .wait
  }

  /// The one moment at which a value becomes visible: index, order, books and lease under its stripe's lock.
  func publish(_ ref: EntryRef, _ body: BodyID, hash: UInt64, now: UInt64, burst: inout TouchBurst) {
    // Once it is visible another lane may evict it, and its record be another entry's.
    let length = Int(vault.entries[ref.id].pointee.length)
    vault.index.withStripe(of: hash) { table in
      table.pending -= 1
      let entries = entries(of: ref.id, hash, now: now, in: &table)
      let kind = table[ref.id].pointee.kind
      settle(
        ref, body, entries, replacing: KindSet(kind),
        displacing: kind == .plain ? KindSet(.withMeta) : .all.removing(kind), now: now, burst: &burst, in: &table)
    }
    counters.published.add()
    counters.publishedBytes.add(length)
  }

  /// Gives an arrived value the place of those that it replaces: of one of a set of kinds, of which one is there at most, and
  /// of what it displaces besides. Under the stripe's lock.
  func settle(
    _ ref: EntryRef, _ body: BodyID, _ entries: KeyEntries, replacing: KindSet, displacing: KindSet, now: UInt64,
    burst: inout TouchBurst, in table: inout StripeTable
  ) {
    let (entry, hash) = (table[ref.id], vault.entries[ref.id].pointee.hash)
    let kind = entry.pointee.kind
    let old = entries.first(of: replacing)
    let promise = entries.promise(of: replacing.union(displacing), in: table)
    var isOverwrite = old != 0
    let oldLength = old == 0 ? nil : vault.entries[old].pointee.length
    entries.forEach(of: displacing) { id in
      removeEntry(id, hash, in: &table)
      isOverwrite = true
    }
    if old != 0, let slot = table.find(hash, where: { $0 == old }) {
      table.replace(at: slot, with: ref.id)
      vault.endPromise(of: old, kind == .hidden ? .removed : nil, in: table)
    } else {
      table.insert(hash, ref.id)
    }
    noteSettled(ref.id, kind, insteadOf: old, in: table)
    entry.pointee.state = .published
    vault.disk?.noteChange(ofKey: hash)
    vault.offer(ref.id)
    var touch = burst.follow(ref, entry, step: .store, now: now, walks: &walks)
    touch.replaced = old
    if kind != .hidden { carry(promise, to: ref.id, now: now, in: table) }
    vault.uses.note(entry, bytes: vault.footprintBytes(of: ref.id, in: table), now: now)
    vault.promises.writers.note(burst.asker.bit)
    vault.withNames(of: ref.id) { names in
      vault.ledger.withLock { ledger in
        applyTouches(to: &ledger)
        ledger.own(ref.id, kind, names, by: burst.asker.client, isAway: false)
        ledger.enlist(touch, kind)
        ledger.end(body)
        ledger.noteTime(now)
        if old != 0 { vault.retire(old, in: table, ledger: &ledger) }
      }
    }
    if kind != .hidden { notePut(ref.id, by: burst.asker, insteadOfBytes: oldLength, in: table) }
    if isOverwrite { counters.overwrites.add() }
  }

  private func noteSettled(_ id: EntryID, _ kind: ValueKind, insteadOf old: EntryID, in table: StripeTable) {
    let isOfSameKind = old != 0 && table[old].pointee.kind == kind
    if old != 0, !isOfSameKind { vault.note(.removed, old, table[old].pointee.kind) }
    vault.note(isOfSameKind ? .replaced : .published, id, kind)
  }

  /// Gives a body's pages and record back. An answered client knows that its value is not there; a silent one must not
  /// find an old one of another shape instead.
  func abandon(_ ref: EntryRef, _ body: BodyID, hash: UInt64, isAnswered: Bool, _ reason: DropReason) {
    counters.countDrop(reason)
    if reason != .connectionLost, !isAnswered {
      let stripes = vault.index.withStripe(of: hash) { $0[ref.id].pointee }
      let entry = Entry(fixed: vault.entries[ref.id].pointee, stripes: stripes)
      removeStale(entry, now: vault.ledger.withLock { $0.latestNow }) { vault.entries.haveSameKey($0, ref.id) }
    }
    vault.index.withStripe(of: hash) { table in
      table.pending -= 1
      vault.ledger.withLock {
        $0.end(body)
        $0.free(ref.id, in: table)
      }
    }
  }
}

extension Ledger {
  /// Takes a published entry into the order and the books.
  mutating func enlist(_ touch: Touch, _ kind: ValueKind) {
    enter(touch)
    self[touch.entry.id].pointee.storedAt = StoredAt(tenths: touch.at)
    count(touch.entry.id, kind)
  }

  mutating func count(_ id: EntryID, _ kind: ValueKind) {
    objects += 1
    counts[Int(kind.rawValue)] += 1
    keyBytes += Int(entries[id].pointee.keyLength)
  }
}

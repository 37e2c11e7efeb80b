import Base
import Policy

/// What a look-up is answered.
package enum LookupAnswer {
  case no
  /// With a touch, unless the client's look-ups say nothing about what is needed.
  case yes(Touch?)
}

/// Under the stripe's lock, all of it.
extension Lane {
  /// Whether a client that asks for an entry that is here is told so. A yes holds the entry until the client has fetched it,
  /// or for a while. The answer is no only where eviction is at work, the order alone would not keep the entry for as long as
  /// a yes means, and the client has had its time, or never fetches what it asks for.
  @inline(__always)
  func lookUp(_ id: EntryID, now: UInt64, burst: inout TouchBurst, in table: StripeTable) -> LookupAnswer {
    let promises = vault.promises
    vault.noteWanted(id, in: table)
    guard promises.leaseSeconds > 0 else {
      noteLookup(of: id, by: burst.asker, isFound: true)
      return .yes(follow(id, .ask, now: now, burst: &burst, in: table))
    }
    let second = Vault.second(now)
    let isIdle = promises.accounts.isIdle(burst.asker.account)
    guard !isIdle, promises.mayBegin(table[id].pointee.promise, at: second) else {
      return lookUpWithoutPromise(id, isIdle: isIdle, now: now, burst: &burst, in: table)
    }
    noteLookup(of: id, by: burst.asker, isFound: true)
    let touch = follow(id, .ask, now: now, burst: &burst, in: table)
    ask(id, burst, isSister: false, now: now, in: table)
    if KeyHash.isRanked(vault.entries[id].pointee.hash) { askForSisters(of: id, burst, now: now, in: table) }
    return .yes(touch)
  }

  private func lookUpWithoutPromise(
    _ id: EntryID, isIdle: Bool, now: UInt64, burst: inout TouchBurst, in table: StripeTable
  ) -> LookupAnswer {
    let (promises, entry, tenths) = (vault.promises, table[id], Entry.tenths(now))
    let touchedAt = isIdle ? entry.pointee.touchedAt : tenths
    let until = Vault.second(now) + promises.secondsMin
    guard
      promises.pressure.spares(touchedAt: touchedAt, now: tenths, for: 10 * promises.secondsMin)
        || promises.holds(entry.pointee.promise, at: until) || promises.writers.isAlone(burst.asker.bit)
    else {
      noteLookup(of: id, by: burst.asker, isFound: false)
      return .no
    }
    noteLookup(of: id, by: burst.asker, isFound: true)
    let touch = isIdle ? nil : follow(id, .ask, now: now, burst: &burst, in: table)
    update(id, now: now, in: table) { promise in
      promise.forgetLate(at: until - promises.secondsMin)
      promise.through = max(promise.through, until)
      promise.askers |= burst.asker.bit
      promise.askedAt = Promise.milliseconds(now)
      // A fetch clears the client's name.
      if promise.firstAsked == 0 { promise.account = burst.asker.account }
    }
    return .yes(touch)
  }

  private func ask(
    _ id: EntryID, _ burst: TouchBurst, isSister: Bool, now: UInt64, in table: StripeTable
  ) {
    let (entry, second) = (table[id], Vault.second(now))
    if entry.pointee.promise.isTold(to: burst.asker.bit, through: second + vault.promises.secondsInForce) {
      // Most asks of a second change nothing that is counted.
      entry.pointee.promise.askedAt = Promise.milliseconds(now)
      entry.pointee.promise.walk = burst.walk
      return
    }
    let bytes = vault.footprintBytes(of: id, in: table)
    let isProlonged = update(id, now: now, in: table) { promise in
      promise.forgetLate(at: second)
      if promise.firstAsked == 0 {
        promise.firstAsked = second
        promise.account = burst.asker.account
        vault.promises.accounts.asked(burst.asker.account, bytes: bytes)
      }
      promise.through = max(promise.through, second + vault.promises.secondsInForce)
      promise.askers |= burst.asker.bit
      promise.askedAt = Promise.milliseconds(now)
      promise.walk = burst.walk
    }
    if isProlonged, !isSister { counters.leasesGranted.add() }
  }

  /// An engine's scheduler asks for one rank's chunks, and all ranks fetch theirs.
  private func askForSisters(of id: EntryID, _ burst: TouchBurst, now: UInt64, in table: StripeTable) {
    let (hash, second) = (vault.entries[id].pointee.hash, Vault.second(now))
    table.forEachSister(hash) { sister in
      guard sister != id, KeyHash.areSisters(vault.entries[sister].pointee.hash, hash),
        table[sister].pointee.kind != .hidden, vault.promises.mayBegin(table[sister].pointee.promise, at: second)
      else { return }
      vault.noteWanted(sister, in: table)
      ask(sister, burst, isSister: true, now: now, in: table)
    }
  }

  /// A fetch settles the promise to the client that fetches; where it never asked, to all.
  @inline(__always)
  func settlePromise(of id: EntryID, by asker: Asker, now: UInt64, in table: StripeTable) {
    let (second, bytes) = (Vault.second(now), vault.footprintBytes(of: id, in: table))
    noteFetch(of: id, by: asker, now: now, in: table)
    vault.uses.note(table[id], bytes: bytes, now: now)
    if vault.noteFetch(of: id, in: table) {
      counters.diskHits.add()
      counters.diskHitBytes.add(Int(vault.entries[id].pointee.length))
    }
    guard table[id].pointee.promise.isAwaited else { return }
    update(id, now: now, in: table) { promise in
      // What was asked long ago and never fetched says nothing of how long clients take.
      if promise.through + vault.promises.leaseSeconds >= second {
        counters.gaps.record(nanoseconds: promise.nanosecondsSinceAsked(now))
      }
      vault.promises.accounts.fetched(promise.account, bytes: bytes)
      vault.promises.walks.note(promise.walk, at: second)
      promise.account = AskerAccounts.fetched
      promise.askers = promise.askers & asker.bit != 0 ? promise.askers & ~asker.bit : 0
      if promise.firstAsked != 0 { promise.firstAsked = promise.askers == 0 ? 0 : second }
      if promise.firstAsked == 0 { promise.account = AskerAccounts.none }
    }
  }

  /// What clients were told of a key holds for its new bytes.
  func carry(_ promise: Promise, to id: EntryID, now: UInt64, in table: StripeTable) {
    guard promise.through != 0 else { return }
    update(id, now: now, in: table) { $0 = promise }
  }

  /// Changes a promise, and the book with it. Whether it is held for longer than before.
  @discardableResult
  private func update(
    _ id: EntryID, now: UInt64, in table: StripeTable, _ change: (inout Promise) -> Void
  ) -> Bool {
    let (entry, lease) = (table[id], vault.promises.leaseSeconds)
    var promise = entry.pointee.promise
    let before = promise.heldThrough(leaseSeconds: lease)
    change(&promise)
    entry.pointee.promise = promise
    let after = promise.heldThrough(leaseSeconds: lease)
    guard after != before else { return false }
    let bytes = vault.footprintBytes(of: id, in: table)
    vault.promises.book.withLock { $0.hold(bytes, through: after, insteadOf: before, at: Vault.second(now)) }
    return after > before
  }

  /// A GET that finds nothing, although its client may have been told otherwise.
  func countMiss(of hash: UInt64, _ key: UnsafeRawBufferPointer, by asker: Asker, now: UInt64) {
    counters.misses.add()
    noteMiss(.fetchesMissed, key, hash, by: asker, now: now)
    switch vault.promises.departures.cause(ofMissing: hash, at: Vault.second(now)) {
    case nil: break
    case .evicted: counters.leasesBroken.add()
    case .removed: counters.leasesWithdrawn.add()
    case .fetched: counters.missesAfterFetch.add()
    }
  }
}

extension Lane {
  /// The same, by its key.
  package func countMiss(ofKey key: UnsafeRawBufferPointer, by asker: Asker, now: UInt64) {
    countMiss(of: vault.hash(key), key, by: asker, now: now)
  }
}

extension Vault {
  /// The entry leaves its key, and what was told of it is remembered for a while. Under the lock of its stripe.
  func endPromise(of id: EntryID, _ cause: Departures.Cause?, in table: StripeTable) {
    let entry = table[id]
    let promise = entry.pointee.promise
    guard promise.through != 0 else { return }
    let held = promise.heldThrough(leaseSeconds: promises.leaseSeconds)
    if held != 0 {
      let bytes = footprintBytes(of: id, in: table)
      promises.book.withLock { $0.release(bytes, through: held) }
    }
    if let cause {
      promises.departures.note(
        entries[id].pointee.hash, through: promise.through, promise.isAwaited ? cause : .fetched)
    }
    entry.pointee.promise = Promise()
  }
}

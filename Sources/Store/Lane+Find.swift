import Base

extension Lane {
  /// The value, pinned: its bytes stay as they are until the pin ends, whatever happens to the key.
  package func find(key: RawSpan, kind: ValueKind, now: UInt64, burst: inout TouchBurst) -> Pin? {
    key.withUnsafeBytes { key in
      let hash = vault.hash(key)
      let found: (value: PinnedValue, touch: Touch)? = vault.index.withStripe(of: hash) { table in
        guard let id = entry(key, hash, kind, now: now, in: table) else { return nil }
        return (PinnedValue(pinning: id, vault.entries[id]), follow(id, now: now, burst: &burst))
      }
      guard let found else {
        counters.misses.add()
        return nil
      }
      counters.hits.add()
      remember(found.touch, now: now)
      return Pin(found.value, vault: vault)
    }
  }

  /// True when the value is there and will be there until its lease ends.
  package func exists(key: RawSpan, kind: ValueKind, now: UInt64, burst: inout TouchBurst) -> Bool {
    key.withUnsafeBytes { key in
      let hash = vault.hash(key)
      let touch: Touch? = vault.index.withStripe(of: hash) { table in
        guard let id = entry(key, hash, kind, now: now, in: table) else {
          counters.existMisses.add()
          return nil
        }
        guard lease(vault.entries[id], now: now) else {
          counters.leasesRefused.add()
          return nil
        }
        return follow(id, now: now, burst: &burst)
      }
      guard let touch else { return false }
      counters.existHits.add()
      remember(touch, now: now)
      return true
    }
  }

  /// Forgets what the `lm` generations see under the key. Its readers finish.
  package func remove(key: RawSpan) -> Bool {
    key.withUnsafeBytes { key in
      let hash = vault.hash(key)
      return vault.index.withStripe(of: hash) { table in
        let family = family(hash, now: 0, in: &table) { vault.holds($0, hash, key) }
        guard let id = family.complete(vault.entries) else { return false }
        removeEntry(id, hash, in: &table)
        counters.removed.add()
        return true
      }
    }
  }

  /// Under the stripe's lock.
  func removeEntry(_ id: EntryID, _ hash: UInt64, in table: inout StripeTable) {
    guard let slot = table.find(hash, where: { $0 == id }) else { preconditionFailure("it was found before") }
    table.remove(at: slot)
    vault.endLease(of: vault.entries[id])
    vault.ledger.withLock { vault.retire(id, ledger: &$0) }
  }

  @inline(__always)
  private func entry(
    _ key: UnsafeRawBufferPointer, _ hash: UInt64, _ kind: ValueKind, now: UInt64, in table: StripeTable
  ) -> EntryID? {
    let kind = EntryKind(kind)
    let slot = table.find(hash) { vault.entries[$0].pointee.kind == kind && vault.holds($0, hash, key) }
    guard let slot else { return nil }
    let id = table.entry(at: slot)
    return vault.entries[id].pointee.hasExpired(at: now) ? nil : id
  }

  @inline(__always)
  func follow(_ id: EntryID, now: UInt64, burst: inout TouchBurst) -> Touch {
    let entry = vault.entries[id]
    // A copy: passing a property on is checked for overlapping access each time.
    var stamps = self.stamps
    defer { self.stamps = stamps }
    return burst.follow(
      EntryRef(id: id, generation: entry.pointee.generation), entry, now: now, stamps: &stamps)
  }

  /// Grants or prolongs. The book is opened only when the second changes.
  @inline(__always)
  func lease(_ entry: UnsafeMutablePointer<Entry>, now: UInt64) -> Bool {
    let second = Vault.second(now)
    let end = second + UInt32(vault.configuration.leaseSeconds)
    guard vault.configuration.leaseSeconds > 0, end > entry.pointee.leaseUntil else { return true }
    let isPromised = vault.leases.withLock {
      $0.promise(
        entry.pointee.footprintBytes, through: end, insteadOf: entry.pointee.leaseUntil, at: second, claim: .asked)
    }
    guard isPromised else { return false }
    entry.pointee.leaseUntil = end
    counters.leasesGranted.add()
    return true
  }
}

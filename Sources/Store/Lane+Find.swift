import Base
import Policy

/// Where a value was found.
package enum Finding: ~Copyable {
  /// Its bytes stay as they are until the pin ends, whatever happens to the key.
  case memory(Pin)
  /// Only a device has it: to be brought into memory, and looked up again.
  case disk(ValueRef)
  case absent
}

extension Lane {
  /// Looks a value up to read it.
  package func find(key: RawSpan, kind: ValueKind, now: UInt64, burst: inout TouchBurst) -> Finding {
    key.withUnsafeBytes { key in
      let hash = vault.hash(key)
      var away: ValueRef?
      let found: (value: PinnedValue, touch: Touch)? = vault.index.withStripe(of: hash) { table in
        guard let id = entry(key, hash, kind, now: now, in: table) else { return nil }
        if vault.isAway(id, in: table) {
          away = ValueRef(id, vault.entries)
          return nil
        }
        settlePromise(of: id, by: burst.asker, now: now, in: table)
        let touch = follow(id, .fetch, now: now, burst: &burst, in: table)
        return (PinnedValue(pinning: id, in: table, vault.entries), touch)
      }
      if let away { return .disk(away) }
      guard let found else {
        countMiss(of: hash, key, by: burst.asker, now: now)
        return .absent
      }
      counters.hits.add()
      remember(found.touch, now: now)
      return .memory(Pin(found.value, vault: vault))
    }
  }

  /// Whether the value is there, and will be when the client comes for it.
  package func exists(key: RawSpan, kind: ValueKind, now: UInt64, burst: inout TouchBurst) -> Bool {
    key.withUnsafeBytes { key in
      let hash = vault.hash(key)
      let answer: LookupAnswer? = vault.index.withStripe(of: hash) { table in
        entry(key, hash, kind, now: now, in: table).map { lookUp($0, now: now, burst: &burst, in: table) }
      }
      return count(answer, hash, key, now: now, burst: &burst)
    }
  }

  /// What a look-up came to; nil is that nothing is there.
  package func count(
    _ answer: LookupAnswer?, ofKey key: UnsafeRawBufferPointer, now: UInt64, burst: inout TouchBurst
  ) -> Bool {
    count(answer, answer == nil ? vault.hash(key) : 0, key, now: now, burst: &burst)
  }

  @inline(__always)
  private func count(
    _ answer: LookupAnswer?, _ hash: UInt64, _ key: UnsafeRawBufferPointer, now: UInt64, burst: inout TouchBurst
  ) -> Bool {
    switch answer {
    case .none:
      counters.existMisses.add()
      noteMiss(.lookupsMissed, key, hash, by: burst.asker, now: now)
      burst.noteMiss()
      // The order of last use has no use for it.
      if vault.configuration.policy == .returns {
        remember(Touch(missed: hash, stream: burst.asker.stream, at: Entry.tenths(now)), now: now)
      }
    case .some(.no): counters.leasesRefused.add()
    case .some(.yes(let touch)):
      counters.existHits.add()
      if let touch { remember(touch, now: now) }
      return true
    }
    return false
  }

  /// Under the stripe's lock.
  func removeEntry(_ id: EntryID, _ hash: UInt64, _ event: ChangeEvent = .removed, in table: inout StripeTable) {
    guard let slot = table.find(hash, where: { $0 == id }) else { preconditionFailure("it was found before") }
    table.remove(at: slot)
    vault.endPromise(of: id, .removed, in: table)
    vault.note(event, id, table[id].pointee.kind)
    vault.ledger.withLock { vault.retire(id, in: table, ledger: &$0) }
  }

  @inline(__always)
  private func entry(
    _ key: UnsafeRawBufferPointer, _ hash: UInt64, _ kind: ValueKind, now: UInt64, in table: StripeTable
  ) -> EntryID? {
    let slot = table.find(hash) { table[$0].pointee.isOfLM(kind) && vault.holds($0, hash, key) }
    guard let slot else { return nil }
    let id = table.entry(at: slot)
    return table[id].pointee.hasExpired(at: now) ? nil : id
  }

  @inline(__always)
  func follow(
    _ id: EntryID, _ step: PromptStep, now: UInt64, burst: inout TouchBurst, in table: StripeTable
  ) -> Touch {
    // A copy: passing a property on is checked for overlapping access each time.
    var walks = self.walks
    defer { self.walks = walks }
    return burst.follow(
      EntryRef(id: id, generation: vault.entries[id].pointee.generation), table[id], step: step, now: now,
      walks: &walks)
  }
}

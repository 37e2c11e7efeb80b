import Base

/// The store as RESP clients see it: by names. A name is a key of a plain value, or of one half of an object.
/// What a name means is said in proto/objects.md.
extension Lane {
  /// GET. A served metadata is a promise like a positive `exists`; where none can be given, it is not served.
  package func find(name: RawSpan, now: UInt64, burst: inout TouchBurst) -> NamedValue? {
    let found: (glimpse: Glimpse, touch: Touch)? = look(name, now: now) { sight, _ in
      if sight.facet == .metadata, !lease(vault.entries[sight.id], now: now) {
        counters.leasesRefused.add()
        return nil
      }
      return (glimpse(sight), follow(sight.id, now: now, burst: &burst))
    }
    guard let found else {
      counters.misses.add()
      return nil
    }
    counters.hits.add()
    remember(found.touch, now: now)
    return NamedValue(found.glimpse, vault: vault)
  }

  /// EXISTS. True when the name is there and will be until its lease ends.
  package func exists(name: RawSpan, now: UInt64, burst: inout TouchBurst) -> Bool {
    var isRefused = false
    let touch: Touch? = look(name, now: now) { sight, _ in
      isRefused = !lease(vault.entries[sight.id], now: now)
      return isRefused ? nil : follow(sight.id, now: now, burst: &burst)
    }
    guard let touch else {
      if isRefused { counters.leasesRefused.add() } else { counters.existMisses.add() }
      return false
    }
    counters.existHits.add()
    remember(touch, now: now)
    return true
  }

  /// STRLEN, TYPE, and whatever asks without meaning to read: no lease, no touch.
  package func length(name: RawSpan, now: UInt64) -> Int? {
    look(name, now: now) { sight, _ in byteCount(sight) }
  }

  /// TOUCH. True when the name is there; no lease.
  package func touch(name: RawSpan, now: UInt64, burst: inout TouchBurst) -> Bool {
    let touch = look(name, now: now) { sight, _ in follow(sight.id, now: now, burst: &burst) }
    guard let touch else { return false }
    remember(touch, now: now)
    return true
  }

  /// DEL, UNLINK. Both halves of an object go together, and its lease with them. Readers finish.
  package func remove(name: RawSpan, now: UInt64) -> Bool {
    name.withUnsafeBytes { name in
      let objectName = ObjectName(name)
      let key = UnsafeRawBufferPointer(rebasing: name[objectName.keyRange])
      let hash = vault.hash(key)
      return vault.index.withStripe(of: hash) { table in
        let family = family(hash, now: now, in: &table) { vault.holds($0, hash, key) }
        let sight = sight(of: objectName.part, objectName.style, family)
        // Metadata that waits for its bytes is seen by nobody, and goes all the same.
        let waiting = objectName.part == .metadata ? family.waiting(vault.entries) : nil
        guard let id = sight?.id ?? waiting else { return false }
        removeEntry(id, hash, in: &table)
        if sight != nil { counters.removed.add() }
        return sight != nil
      }
    }
  }

  /// Announces a value: the same reservation as an `lm` PUT's, ended by `publish(now:burst:options:)`.
  /// Nil: receive the body and throw it away (counted here, by reason); what the name held stays, because the client
  /// is told.
  package func begin(name: RawSpan, length: Int, now: UInt64) -> Reservation? {
    precondition(name.byteCount > 0 && name.byteCount <= Limits.nameBytesMax)
    return name.withUnsafeBytes { name in
      let objectName = ObjectName(name)
      let key = UnsafeRawBufferPointer(rebasing: name[objectName.keyRange])
      var entry = newEntry(key, EntryKind(arriving: objectName.part, length: length), length: length)
      entry.style = objectName.style
      switch admit(entry, now: now) {
      case .failure(let reason):
        counters.countDrop(reason)
        return nil
      case .success(let admission):
        vault.entries.setKey(of: admission.ref.id, to: key)
        return Reservation(
          lane: self, ref: admission.ref, body: admission.body, hash: entry.hash, length: length, isAnswered: true)
      }
    }
  }

  /// Shows what the name holds to `body`, under the stripe's lock.
  func look<Result>(_ name: RawSpan, now: UInt64, _ body: (Sight, inout StripeTable) -> Result?) -> Result? {
    precondition(name.byteCount > 0)
    return name.withUnsafeBytes { name in
      let objectName = ObjectName(name)
      let key = UnsafeRawBufferPointer(rebasing: name[objectName.keyRange])
      let hash = vault.hash(key)
      return vault.index.withStripe(of: hash) { table in
        let family = family(hash, now: now, in: &table) { vault.holds($0, hash, key) }
        guard let sight = sight(of: objectName.part, objectName.style, family) else { return nil }
        return body(sight, &table)
      }
    }
  }
}

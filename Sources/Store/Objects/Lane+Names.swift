import Base

/// The store as RESP clients see it: by names. A name is a key of a plain value, or of one half of an object.
/// What a name means is said in proto/objects.md.
extension Lane {
  /// GET. Metadata is a look-up like `exists`: where that is answered no, it is not served.
  package func find(name: RawSpan, now: UInt64, burst: inout TouchBurst) -> NamedValue? {
    var isRefused = false
    let found: (glimpse: Glimpse, touch: Touch?)? = look(name, now: now) { sight, table in
      guard sight.facet == .metadata else {
        settlePromise(of: sight.id, by: burst.asker, now: now, in: table)
        return (glimpse(sight, in: table), follow(sight.id, now: now, burst: &burst, in: table))
      }
      guard case .yes(let touch) = lookUp(sight.id, now: now, burst: &burst, in: table) else {
        isRefused = true
        return nil
      }
      return (glimpse(sight, in: table), touch)
    }
    guard let found else {
      if isRefused { counters.leasesRefused.add() }
      countMiss(of: hash(ofKeyIn: name), now: now)
      return nil
    }
    counters.hits.add()
    if let touch = found.touch { remember(touch, now: now) }
    return NamedValue(found.glimpse, vault: vault)
  }

  /// EXISTS. Whether the name is there, and will be when the client comes for it.
  package func exists(name: RawSpan, now: UInt64, burst: inout TouchBurst) -> Bool {
    let answer = look(name, now: now) { sight, table in lookUp(sight.id, now: now, burst: &burst, in: table) }
    return count(answer, now: now)
  }

  /// STRLEN, TYPE, and whatever asks without meaning to read: no lease, no touch.
  package func length(name: RawSpan, now: UInt64) -> Int? {
    look(name, now: now) { sight, table in byteCount(sight, in: table) }
  }

  /// TOUCH. True when the name is there; no lease.
  package func touch(name: RawSpan, now: UInt64, burst: inout TouchBurst) -> Bool {
    let touch = look(name, now: now) { sight, table in
      follow(sight.id, now: now, burst: &burst, in: table)
    }
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
        let sight = sight(of: objectName.part, objectName.style, family, in: table)
        // Metadata that waits for its bytes is seen by nobody, and goes all the same.
        let waiting = objectName.part == .metadata ? family.waiting(in: table) : nil
        guard let id = sight?.id ?? waiting else { return false }
        removeEntry(id, hash, in: &table)
        if sight != nil { counters.removed.add() }
        return sight != nil
      }
    }
  }

  /// Whether it looks like a key of LMCache: fields between signs of @. Such a key names its contents, but for the one of
  /// its recovery check.
  package static func isChunk(name: RawSpan) -> Bool {
    name.withUnsafeBytes { name in name.count { $0 == UInt8(ascii: "@") } >= 2 }
  }

  /// The SET of a chunk found no room, and its client cannot be told. What the name holds stays while it is promised, and
  /// for good where the length is the same. Otherwise it goes: a client that is told that its value is stored must not read
  /// something older.
  package func removeStale(name: RawSpan, length: Int, now: UInt64) {
    let mayStay: Bool? = look(name, now: now) { sight, table in
      guard !vault.entries[sight.id].pointee.isKept else { return false }
      return byteCount(sight, in: table) == length
        || vault.promises.holds(table[sight.id].pointee.promise, at: Vault.second(now))
    }
    guard mayStay == false else { return }
    if remove(name: name, now: now) { counters.staleRemoved.add() }
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
      entry.fixed.style = objectName.style
      switch admit(entry, now: now) {
      case .failure(let reason):
        counters.countDrop(reason)
        return nil
      case .success(let admission):
        vault.entries.setKey(of: admission.ref.id, to: key)
        return Reservation(
          lane: self, ref: admission.ref, body: admission.body, hash: entry.fixed.hash, length: length,
          isAnswered: true)
      }
    }
  }

  private func hash(ofKeyIn name: RawSpan) -> UInt64 {
    name.withUnsafeBytes { name in
      vault.hash(UnsafeRawBufferPointer(rebasing: name[ObjectName(name).keyRange]))
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
        guard let sight = sight(of: objectName.part, objectName.style, family, in: table) else { return nil }
        return body(sight, &table)
      }
    }
  }
}

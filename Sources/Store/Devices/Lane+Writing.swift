import Base

/// A value on its way to a device, with everything that is to be kept of it.
package struct Departure: ~Copyable {
  package let pin: Pin
  package let ref: ValueRef
  package let said: Said

  /// What is said of it beside its bytes.
  package struct Said: Sendable {
    package var kind: ValueKind
    package var tag: UInt8
    /// In milliseconds of the clock that `now` is from; 0 is never.
    package var deadline: UInt64
    /// Of what has an annotation.
    package var meta: ObjectMeta?
    package var annotation: [UInt8]
    package var key: [UInt8]
  }
}

extension Lane {
  /// Begins to write a value: nil where it is gone, is on a device already, or is none that devices keep.
  package func beginWriting(_ ref: ValueRef, now: UInt64) -> Departure? {
    let found: (PinnedValue, Departure.Said)? = withEntry(ref) { id, table in
      let entry = table[id]
      guard let part = table.disk(id), !part.pointee.hasPlace, !part.pointee.isBeingWritten, vault.isWorthWriting(id),
        entry.pointee.kind != .hidden, !entry.pointee.hasExpired(at: now)
      else { return nil }
      (part.pointee.isBeingWritten, part.pointee.hasChanged) = (true, false)
      return (PinnedValue(pinning: id, in: table, vault.entries), said(of: id, in: table))
    }
    return found.map { Departure(pin: Pin($0.0, vault: vault), ref: ref, said: $0.1) }
  }

  private func said(of id: EntryID, in table: StripeTable) -> Departure.Said {
    let entry = table[id]
    return Departure.Said(
      kind: entry.pointee.kind, tag: vault.entries[id].pointee.tag, deadline: entry.pointee.deadline,
      meta: entry.pointee.annotationUnits > 0 ? entry.pointee.meta : nil, annotation: annotation(of: entry),
      key: vault.entries.key(of: id))
  }

  private func annotation(of entry: UnsafeMutablePointer<Entry.StripePart>) -> [UInt8] {
    // Swift writes the count of an empty array to memory that all threads share.
    guard entry.pointee.annotationBytes > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: entry.pointee.annotationBytes) { room, count in
      count = entry.pointee.annotationBytes
      let bytes = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(room)[..<count])
      vault.entries.readAnnex(entry.pointee.annotationAnnex, into: bytes)
    }
  }

  /// Whether the policy has seen the value come back since it was stored.
  package func hasComeBack(_ ref: ValueRef) -> Bool {
    vault.ledger.withLock { $0.hasComeBack(ref.entry) }
  }

  /// It is written, or not: nil. False when the value has gone or changed meanwhile, so that the copy is to be buried.
  /// It is to be read no more by then, or those who look for room pass it by once more.
  package func endWriting(_ ref: ValueRef, at place: DiskPlace?) -> Bool {
    withEntry(ref) { id, table in
      guard let part = table.disk(id) else { return false }
      let hasChanged = part.pointee.hasChanged
      (part.pointee.isBeingWritten, part.pointee.hasChanged) = (false, false)
      vault.resumeTurn(of: id, in: table)
      if hasChanged { vault.offer(id) }
      guard let place, !hasChanged, !part.pointee.hasPlace else { return false }
      part.pointee.place = place
      part.pointee.wasRead = false
      return true
    } ?? false
  }

  /// It needs no device before it is evicted.
  package func endLeaving(_ ref: ValueRef) { withEntry(ref) { id, table in vault.resumeTurn(of: id, in: table) } }

  /// No device takes it: it is evicted like any other.
  package func refuse(_ ref: ValueRef) {
    withEntry(ref) { id, table in
      table.disk(id)?.pointee.isRefused = true
      vault.resumeTurn(of: id, in: table)
    }
  }

  /// Shows the entry under the lock of its stripe, if it is still the one.
  @discardableResult
  func withEntry<Result>(_ ref: ValueRef, _ body: (EntryID, inout StripeTable) -> Result?) -> Result? {
    vault.index.withStripe(of: ref.hash) { table in
      guard table.find(ref.hash, where: { $0 == ref.entry.id }) != nil,
        vault.entries[ref.entry.id].pointee.generation == ref.entry.generation
      else { return nil }
      return body(ref.entry.id, &table)
    }
  }
}

extension Vault {
  /// No device is to write it before it is evicted.
  fileprivate func resumeTurn(of id: EntryID, in table: StripeTable) {
    endLeaving(of: id, in: table)
    ledger.withLock { $0.resumeTurn(of: id) }
  }
}

extension Ledger {
  fileprivate func hasComeBack(_ ref: EntryRef) -> Bool {
    entries[ref.id].pointee.generation == ref.generation && self[ref.id].pointee.place != .none
      && order.hasComeBack(ref.id)
  }
}

import Base

/// What a device was found to hold, by a process that begins with it.
package struct FoundRecord {
  package var kind: ValueKind
  package var tag: UInt8
  package var length: Int
  /// In milliseconds of the clock that `now` is from; 0 is never.
  package var deadline: UInt64
  package var meta: ObjectMeta?
  package var place: DiskPlace

  package init(
    kind: ValueKind, tag: UInt8, length: Int, deadline: UInt64, meta: ObjectMeta?, place: DiskPlace
  ) {
    (self.kind, self.tag, self.length) = (kind, tag, length)
    (self.deadline, self.meta, self.place) = (deadline, meta, place)
  }
}

/// What came of it that a device lost a copy.
package enum Loss: Sendable {
  /// It was not there.
  case none
  case inMemory
  case gone
  /// A client counts on it: nothing has changed.
  case promised
}

package enum Adoption: Sendable {
  case adopted(ValueRef)
  /// The key has a newer value, or lost its own meanwhile: the record is to be buried.
  case outdated
  /// Memory has no room for what is to be known of it.
  case noRoom
}

extension Lane {
  /// Takes a record in, latest records first: the first one of a key and kind is the one that counts.
  package func adopt(
    _ record: FoundRecord, key: UnsafeRawBufferPointer, annotation: UnsafeRawBufferPointer, now: UInt64
  ) -> Adoption {
    guard let disk = vault.disk, !key.isEmpty, key.count <= Limits.nameBytesMax, record.length > 0,
      record.length <= Limits.valueBytesMax, annotation.count % Entry.StripePart.annotationUnitBytes == 0,
      annotation.count <= Entry.StripePart.annotationBytesMax, (record.meta != nil) == (record.kind == .withMeta),
      Int(record.kind.rawValue) < ValueKind.count, record.kind != .hidden
    else { return .outdated }
    if disk.hasChangedWhileLoading(vault.hash(key), on: record.place.device) { return .outdated }
    guard vault.ledger.withLock({ $0.hasRoomForAway }) else { return .noRoom }
    guard
      let reservation = begin(
        key: key, kind: record.kind, tag: record.tag, length: record.length, annotationBytes: annotation.count, now: now
      )
    else { return .outdated }
    let ref: ValueRef? = reservation.publishAway(now: now) { $0.settleAway(record, annotation) }
    return ref.map { .adopted($0) } ?? .outdated
  }

  /// A device no longer has it, or never will have: what only it had is gone; what is in memory waits for the device again
  /// when it is to be evicted, and sooner only if the device says so.
  @discardableResult
  package func loseCopy(_ ref: ValueRef, at place: DiskPlace, sparesPromised: Bool = false) -> Loss {
    vault.index.withStripe(of: ref.hash) { table in
      guard let slot = table.find(ref.hash, where: { $0 == ref.entry.id }),
        vault.entries[ref.entry.id].pointee.generation == ref.entry.generation,
        let part = table.disk(ref.entry.id), part.pointee.place == place
      else { return .none }
      let id = ref.entry.id
      guard vault.isAway(id, in: table) else {
        (part.pointee.place, part.pointee.isRefused) = (nil, false)
        return .inMemory
      }
      let now = vault.ledger.withLock { $0.latestNow }
      if sparesPromised, vault.promises.holds(table[id].pointee.promise, at: Vault.second(now)) { return .promised }
      table.remove(at: slot)
      vault.endPromise(of: id, .evicted, in: table)
      vault.note(.evicted, id, table[id].pointee.kind)
      vault.ledger.withLock { vault.retire(id, in: table, ledger: &$0, isLost: true) }
      return .gone
    }
  }
}

extension Ledger {
  /// What is known of values on devices takes memory, which others need too.
  var hasRoomForAway: Bool { away * records.bytesEach <= budgetBytes / Limits.awayShare }
}

extension KeyTransaction {
  /// The newcomer becomes visible without its bytes, unless something is there already, which is newer.
  fileprivate mutating func settleAway(_ record: FoundRecord, _ annotation: UnsafeRawBufferPointer) -> ValueRef? {
    guard let disk = vault.disk, mayComeBack(record.kind),
      !disk.hasChangedWhileLoading(hash, on: record.place.device)
    else {
      discard()
      return nil
    }
    let id = newcomer.id
    let part = stripe[id]
    if let meta = record.meta {
      part.pointee.meta = meta
      part.pointee.setAnnotation(byteCount: annotation.count)
      vault.entries.fillAnnex(part.pointee.annotationAnnex, with: annotation)
    }
    part.pointee.deadline = record.deadline
    part.pointee.state = .published
    stripe.disk(id)?.pointee = DiskPart(place: record.place)
    insertNewcomer(mayExpire: record.deadline != 0)
    vault.note(.published, id, record.kind)
    return ValueRef(id, vault.entries)
  }

  /// As if it had been stored before all that is there.
  private func mayComeBack(_ kind: ValueKind) -> Bool {
    if entry(kind) != nil { return false }
    // A plain value and the object of `lm` are never there together; the other parts of an object may be.
    switch kind {
    case .plain: return entry(.withMeta) == nil
    case .withMeta: return entry(of: KindSet.all) == nil
    default: return entry(.withMeta) == nil
    }
  }
}

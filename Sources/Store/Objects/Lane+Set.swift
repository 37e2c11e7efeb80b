import Base

extension Lane {
  /// SET: everything that it decides, decided in one moment under the stripe's lock.
  func publish(
    _ ref: EntryRef, _ body: BodyID, hash: UInt64, _ options: SetOptions, now: UInt64, burst: inout TouchBurst
  ) -> SetOutcome {
    let length = Int(vault.entries[ref.id].pointee.length)
    var previous: Glimpse?
    var isMetadata = false
    let isStored = vault.index.withStripe(of: hash) { table in
      table.pending -= 1
      let (entry, role) = (table[ref.id], vault.role(of: ref.id, in: table))
      isMetadata = role.kind == .metadataAlone
      let family = family(of: ref.id, hash, now: now, in: &table)
      let sight = sight(of: role.kind.part, role.style, family, in: table)
      if options.wantsPrevious { previous = sight.map { glimpse($0, in: table) } }
      guard options.condition.allows(isPresent: sight != nil) else {
        discard(ref, body)
        return false
      }
      entry.pointee.deadline = deadline(options.deadline, replacing: sight, in: table)
      if entry.pointee.deadline != 0 { table.mayExpire = true }
      switch role.kind {
      case .metadataAlone: settleMetadata(ref, body, family, now: now, burst: &burst, in: &table)
      case .bytesAlone: settleBytes(ref, body, family, now: now, burst: &burst, in: &table)
      case .oddMetadata:
        if family.object != 0 { detachMetadata(from: family.object, in: table) }
        settle(ref, body, family, now: now, burst: &burst, in: &table)
      case .whole, .object: settle(ref, body, family, now: now, burst: &burst, in: &table)
      }
      return true
    }
    if isStored, !isMetadata {
      counters.published.add()
      counters.publishedBytes.add(length)
    }
    return SetOutcome(isStored: isStored, previous: previous.map { NamedValue($0, vault: vault) })
  }

  private func deadline(
    _ deadline: SetOptions.Deadline, replacing sight: Sight?, in table: StripeTable
  ) -> UInt64 {
    switch deadline {
    case .never: 0
    case .kept: if let sight { table[sight.id].pointee.deadline } else { 0 }
    case .at(let time): Entry.deadline(at: time)
    }
  }

  /// Bytes of an object. Its metadata, whichever came first, stays if it still fits.
  private func settleBytes(
    _ ref: EntryRef, _ body: BodyID, _ family: Family, now: UInt64, burst: inout TouchBurst,
    in table: inout StripeTable
  ) {
    let entry = table[ref.id]
    if family.object != 0 {
      let held = table[family.object]
      let hasSameLength = vault.entries[family.object].pointee.length == vault.entries[ref.id].pointee.length
      if held.pointee.groups > 0, hasSameLength {
        if held.pointee.kind == .metadataAlone {
          entry.pointee.deadline = Entry.sooner(entry.pointee.deadline, held.pointee.deadline)
        }
        entry.pointee.kind = .object
        (entry.pointee.meta, entry.pointee.groups) = (held.pointee.meta, held.pointee.groups)
        entry.pointee.metadataAnnex = held.pointee.metadataAnnex
        held.pointee.metadataAnnex = 0
      }
    }
    settle(ref, body, family, now: now, burst: &burst, in: &table)
  }

  /// Metadata of an object. It joins bytes that are there; without any it waits, unseen; other bytes contradict it,
  /// and an object of neither is left.
  private func settleMetadata(
    _ ref: EntryRef, _ body: BodyID, _ family: Family, now: UInt64, burst: inout TouchBurst,
    in table: inout StripeTable
  ) {
    readMetadata(into: ref.id, in: table)
    guard family.object != 0, table[family.object].pointee.kind.hasBytes else {
      vault.ledger.withLock { $0.releaseStorage(of: ref.id) }
      return settle(ref, body, family, now: now, burst: &burst, in: &table)
    }
    let object = vault.entries[family.object]
    var leaving = family.displaced(by: vault.role(of: ref.id, in: table), in: table)
    if object.pointee.length == vault.entries[ref.id].pointee.length {
      let touch = follow(family.object, now: now, burst: &burst, in: table)
      attachMetadata(of: ref.id, to: family.object, touch, in: table)
      leaving = family.displaced(by: vault.role(of: family.object, in: table), in: table)
    } else {
      detachMetadata(from: family.object, in: table)
    }
    for index in leaving.indices where leaving[index] != 0 {
      removeEntry(leaving[index], object.pointee.hash, in: &table)
    }
    discard(ref, body)
  }

  /// What has arrived as a value becomes what the entry says of itself.
  private func readMetadata(into id: EntryID, in table: StripeTable) {
    let (entry, fragment) = (table[id], vault.entries.storage(of: id).pointee.fragment)
    let start = vault.arena.address(of: fragment.page) + Int(fragment.unit) * Limits.unitBytes
    let bytes = UnsafeRawBufferPointer(start: start, count: Int(vault.entries[id].pointee.length))
    guard let groups = ObjectMeta.groupCount(inBytes: bytes.count) else { preconditionFailure("seen by its length") }
    let (statedLength, meta) = ObjectMeta.decode(bytes)
    vault.ledger.withLock { $0.unreachable(id).pointee.fixed.length = UInt32(bitPattern: statedLength) }
    (entry.pointee.meta, entry.pointee.groups) = (meta, UInt8(groups))
    vault.entries.fillAnnex(
      entry.pointee.metadataAnnex, with: UnsafeRawBufferPointer(rebasing: bytes[ObjectMeta.firstGroupEnd...]))
  }

  private func attachMetadata(
    of newcomer: EntryID, to id: EntryID, _ touch: Touch, in table: StripeTable
  ) {
    let (entry, object) = (table[newcomer], table[id])
    object.pointee.deadline = Entry.sooner(object.pointee.deadline, entry.pointee.deadline)
    vault.ledger.withLock { ledger in
      ledger.names += EntryKind.object.nameCount - object.pointee.kind.nameCount
      object.pointee.kind = .object
      (object.pointee.meta, object.pointee.groups) = (entry.pointee.meta, entry.pointee.groups)
      swap(&object.pointee.metadataAnnex, &entry.pointee.metadataAnnex)
      applyTouches(to: &ledger)
      ledger.apply(touch)
    }
    vault.note(.published, id, .object)
  }

  /// Leaves an object its bytes alone, if it has any.
  private func detachMetadata(from id: EntryID, in table: StripeTable) {
    let object = table[id]
    guard object.pointee.kind == .object else { return }
    vault.note(.removed, id, .object)
    vault.ledger.withLock { ledger in
      ledger.names += EntryKind.bytesAlone.nameCount - EntryKind.object.nameCount
      object.pointee.kind = .bytesAlone
      object.pointee.groups = 0
      ledger.records.releaseAnnex(object.pointee.metadataAnnex)
      object.pointee.metadataAnnex = 0
    }
  }

  /// What a reservation held goes back: it is not needed as an entry of its own.
  private func discard(_ ref: EntryRef, _ body: BodyID) {
    vault.ledger.withLock {
      $0.end(body)
      $0.free(ref.id)
    }
  }
}

extension SetOptions.Condition {
  fileprivate func allows(isPresent: Bool) -> Bool {
    switch self {
    case .none: true
    case .onlyIfAbsent: !isPresent
    case .onlyIfPresent: isPresent
    }
  }
}

import Base
import Synchronization

/// A value that only a device has.
package struct AwayValue: Sendable {
  package let ref: ValueRef
  package let place: DiskPlace
  package let key: [UInt8]
  package let length: Int
  package let kind: ValueKind
  /// As long as this is not over, a client counts on it.
  package let isPromised: Bool
  package let wasRead: Bool
}

/// What came of looking where a value is.
package enum Whereabouts: ~Copyable {
  case memory(Pin)
  case away(AwayValue)
  case gone
}

/// The way back from a device into memory.
extension Lane {
  package func locate(_ ref: ValueRef, now: UInt64) -> Whereabouts {
    let found: (away: AwayValue?, value: PinnedValue?)? = withEntry(ref) { id, table in
      if table[id].pointee.hasExpired(at: now) { return nil }
      guard vault.isAway(id, in: table), let part = table.disk(id)?.pointee, let place = part.place else {
        return (nil, PinnedValue(pinning: id, in: table, vault.entries))
      }
      let away = AwayValue(
        ref: ref, place: place, key: vault.entries.key(of: id), length: Int(vault.entries[id].pointee.length),
        kind: table[id].pointee.kind,
        isPromised: vault.promises.holds(table[id].pointee.promise, at: Vault.second(now)), wasRead: part.wasRead)
      return (away, nil)
    }
    if let away = found?.away { return .away(away) }
    if let value = found?.value { return .memory(Pin(value, vault: vault)) }
    return .gone
  }

  /// Room in memory for its bytes, to be filled and then given to it, or to be abandoned. Nil: there is none.
  package func beginReturn(of value: AwayValue, now: UInt64) -> Reservation? {
    value.key.span.bytes.withUnsafeBytes {
      begin(key: $0, kind: value.kind, tag: 0, length: value.length, annotationBytes: 0, now: now)
    }
  }

  /// The bytes have arrived: they are the value's again. Nil when it has gone meanwhile, or is in memory already.
  package func endReturn(
    of value: AwayValue, _ reservation: consuming Reservation, isStaged: Bool, now: UInt64
  ) -> Pin? {
    let returned = reservation.publish(now: now) { $0.giveBytes(to: value.ref, isStaged: isStaged) } ?? nil
    return returned.map { Pin($0, vault: vault) }
  }

  /// What is held for a look-up without a fetch no longer counts as staged.
  package func endStaging(_ ref: ValueRef) {
    withEntry(ref) { id, table in vault.endStaging(of: id, isFetched: false, in: table) }
  }
}

extension KeyTransaction {
  fileprivate mutating func giveBytes(to ref: ValueRef, isStaged: Bool) -> PinnedValue? {
    let id = ref.entry.id
    guard holds(ref), vault.isAway(id, in: stripe), let disk = vault.disk, let part = stripe.disk(id) else {
      discard()
      return nil
    }
    let newcomer = newcomer.id
    vault.ledger.withLock { ledger in
      ledger.moveStorage(from: newcomer, to: id)
      ledger.away -= 1
      ledger.move(id, away: false)
      ledger[id].pointee.storedAt = StoredAt(tenths: Entry.tenths(now))
      ledger.list(id, after: .none)
      ledger.quotas?.enter(id, after: 0)
      ledger.order.comeBack(id, bytes: vault.entries.storage(of: id).pointee.bytes)
    }
    discard()
    (part.pointee.wasRead, part.pointee.isRefused) = (true, false)
    if isStaged {
      part.pointee.isStaged = true
      disk.stagedBytes.add(vault.entries.storage(of: id).pointee.bytes, ordering: .relaxed)
    }
    if part.pointee.isBuried {
      (part.pointee.place, part.pointee.isBuried) = (nil, false)
      vault.offer(id)
    }
    return PinnedValue(pinning: id, in: stripe, vault.entries)
  }
}

extension Ledger {
  fileprivate func moveStorage(from newcomer: EntryID, to id: EntryID) {
    let (given, taken) = (storage(of: newcomer), storage(of: id))
    taken.pointee.head = given.pointee.head
    taken.pointee.pageCount = given.pointee.pageCount
    taken.pointee.fragment = given.pointee.fragment
    given.pointee.pageCount = 0
    given.pointee.fragment.units = 0
  }
}

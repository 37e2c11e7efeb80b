import Base
import Glibc

extension Lane {
  /// Announces a value. It takes pages only as its bytes arrive and is seen by nobody before it is published.
  /// Nil: receive the body and throw it away (counted here, by reason).
  package func begin(key: RawSpan, length: Int, meta: ObjectMeta?, now: UInt64) -> Reservation? {
    precondition(length >= 0 && length <= Limits.valueBytesMax)
    precondition(key.byteCount > 0 && key.byteCount <= Limits.keyBytesMax)
    return key.withUnsafeBytes { key in
      let hash = vault.hash(key)
      let entry = Entry(
        hash: hash, length: UInt32(length), keyLength: UInt8(key.count), hasMeta: meta != nil,
        isKept: key.starts(with: Limits.keptKeyPrefix), generation: 0, meta: meta ?? .none)
      switch admit(entry, now: now) {
      case .failure(let reason):
        drop(key, hash, length: length, meta: meta, reason)
        return nil
      case .success(let admission):
        vault.entries.setKey(of: admission.ref.id, to: key)
        return Reservation(lane: self, ref: admission.ref, body: admission.body, hash: hash, length: length)
      }
    }
  }

  private struct Admission {
    var ref: EntryRef
    var body: BodyID
  }

  private enum AdmissionResult {
    case success(Admission)
    case failure(DropReason)
  }

  private func admit(_ entry: Entry, now: UInt64) -> AdmissionResult {
    let (isPossible, isWorthWithdrawing) = vault.ledger.withLock {
      $0.noteTime(now)
      applyTouches(to: &$0)
      return (Footprint(length: Int(entry.length)).bytes <= $0.inFlightBytesMax, $0.isWorthWithdrawing)
    }
    if isWorthWithdrawing { vault.bell.ring() }
    guard isPossible else { return .failure(.tooLarge) }
    guard holdSlot(of: entry.hash, now: now) else { return .failure(.noMemory) }
    let result = takeRecord(entry, now: now)
    if case .failure = result { releaseSlot(of: entry.hash) }
    return result
  }

  private func takeRecord(_ entry: Entry, now: UInt64) -> AdmissionResult {
    for _ in 0..<Limits.victimLooksMax {
      switch vault.ledger.withLock({ $0.begin(entry, now: now) }) {
      case .begun(let ref, let body): return .success(Admission(ref: ref, body: body))
      case .full: guard evictForTables(now: now) else { return .failure(.noMemory) }
      case .tooManyBodies: return .failure(.tooManyBodies)
      }
    }
    return .failure(.noMemory)
  }

  // MARK: Room in the index

  /// Makes sure that publishing will find a slot. The bytes are booked before the table grows, and whoever evicts
  /// for them holds no stripe.
  private func holdSlot(of hash: UInt64, now: UInt64) -> Bool {
    for _ in 0..<Limits.victimLooksMax {
      let missingBytes: Int? = vault.index.withStripe(of: hash) { table in
        if table.hasRoom {
          table.pending += 1
          return nil
        }
        let oldBytes = StripeTable.bytes(capacity: table.capacity)
        // While it grows both tables exist.
        guard vault.ledger.withLock({ $0.bookIndexGrowth(2 * oldBytes) }) else { return 2 * oldBytes }
        table.grow()
        table.pending += 1
        vault.ledger.withLock { $0.indexBytes -= oldBytes }
        return nil
      }
      guard missingBytes != nil else { return true }
      guard evictForTables(now: now) else { return false }
    }
    return false
  }

  func releaseSlot(of hash: UInt64) { vault.index.withStripe(of: hash) { $0.pending -= 1 } }

  /// False when nothing can go.
  private func evictForTables(now: UInt64) -> Bool {
    switch vault.evictOne(now: now) {
    case .evicted(let brokeLease):
      counters.evictedForTables.add()
      if brokeLease { counters.leasesBroken.add() }
      return true
    case .spared: return true
    case .exhausted: return false
    }
  }

  // MARK: Dropping

  /// Counts the drop. If the client meant to replace a value by one of another shape, the old one goes:
  /// its next reader would believe it to be the new one.
  func drop(_ key: UnsafeRawBufferPointer, _ hash: UInt64, length: Int, meta: ObjectMeta?, _ reason: DropReason) {
    counters.countDrop(reason)
    guard reason != .connectionLost else { return }
    vault.index.withStripe(of: hash) { table in
      guard let slot = table.find(hash, where: { vault.holds($0, hash, key) }) else { return }
      let held = vault.entries[table.entry(at: slot)]
      let heldMeta = held.pointee.hasMeta ? held.pointee.meta : nil
      guard Int(held.pointee.length) != length || heldMeta != meta else { return }
      removeEntry(at: slot, in: &table)
      counters.staleRemoved.add()
    }
  }
}

extension ObjectMeta {
  fileprivate static let none = ObjectMeta(format: 0, type: 0, shape: (0, 0, 0, 0))
}

extension UnsafeRawBufferPointer {
  fileprivate func starts(with prefix: StaticString) -> Bool {
    count >= prefix.utf8CodeUnitCount && memcmp(baseAddress!, prefix.utf8Start, prefix.utf8CodeUnitCount) == 0
  }
}

import Base
import Glibc

extension Lane {
  /// A client has something to store. Also one for which there is no room counts as a writer: others' look-ups must not take its
  /// silence for its absence.
  package func noteWriter(_ asker: Asker) { vault.promises.writers.note(asker.bit) }

  /// Announces a value. It takes pages only as its bytes arrive and cannot be found before it is published.
  /// Nil: receive the body and throw it away (counted here, by reason).
  package func begin(key: RawSpan, length: Int, meta: ObjectMeta?, now: UInt64) -> Reservation? {
    precondition(key.byteCount > 0 && key.byteCount <= Limits.keyBytesMax)
    return key.withUnsafeBytes { key in
      let entry = newEntry(key, length: length, meta: meta)
      switch admit(entry, now: now) {
      case .failure(let reason):
        counters.countDrop(reason)
        removeStale(entry, now: now) { vault.holds($0, entry.fixed.hash, key) }
        return nil
      case .success(let admission): return reservation(of: entry, key, admission, isAnswered: false)
      }
    }
  }

  /// The same of a value that is not to be kept, whatever room there is.
  package func refuse(key: RawSpan, length: Int, meta: ObjectMeta?, now: UInt64, _ reason: DropReason) {
    key.withUnsafeBytes { key in
      let entry = newEntry(key, length: length, meta: meta)
      counters.countDrop(reason)
      removeStale(entry, now: now) { vault.holds($0, entry.fixed.hash, key) }
    }
  }

  /// The same of any kind, for a client that is told whether its value was stored: where it is not, what the key held stays.
  /// `annotationBytes` is how much of an annotation in the value's place, or beside it, will need an annex.
  package func begin(
    key: UnsafeRawBufferPointer, kind: ValueKind, tag: UInt8, length: Int, annotationBytes: Int, now: UInt64
  ) -> Reservation? {
    precondition(key.count > 0 && key.count <= Limits.nameBytesMax)
    var entry = newEntry(key, kind, length: length)
    entry.fixed.tag = tag
    switch admit(entry, annotationBytes: annotationBytes, now: now) {
    case .failure(let reason):
      counters.countDrop(reason)
      return nil
    case .success(let admission): return reservation(of: entry, key, admission, isAnswered: true)
    }
  }

  private func reservation(
    of entry: Entry, _ key: UnsafeRawBufferPointer, _ admission: Admission, isAnswered: Bool
  ) -> Reservation {
    vault.entries.setKey(of: admission.ref.id, to: key)
    return Reservation(
      lane: self, ref: admission.ref, body: admission.body, hash: entry.fixed.hash, length: Int(entry.fixed.length),
      isAnswered: isAnswered)
  }

  private func newEntry(_ key: UnsafeRawBufferPointer, length: Int, meta: ObjectMeta?) -> Entry {
    var entry = newEntry(key, meta == nil ? .plain : .withMeta, length: length)
    if let meta { (entry.stripes.meta, entry.stripes.annotationUnits) = (meta, 1) }
    return entry
  }

  private func newEntry(_ key: UnsafeRawBufferPointer, _ kind: ValueKind, length: Int) -> Entry {
    precondition(length >= 0 && length <= Limits.valueBytesMax)
    return Entry(
      fixed: .init(
        hash: vault.hash(key), length: UInt32(length), keyLength: UInt16(key.count),
        quotaByte: key.isOfRecoveryCheck ? Entry.Fixed.keptByte : vault.quotas?.number(of: key) ?? 0),
      stripes: .init(kind: kind))
  }

  private struct Admission {
    var ref: EntryRef
    var body: BodyID
  }

  private enum AdmissionResult {
    case success(Admission)
    case failure(DropReason)
  }

  private func admit(_ entry: Entry, annotationBytes: Int = 0, now: UInt64) -> AdmissionResult {
    let (hash, isKept) = (entry.fixed.hash, entry.fixed.isKept)
    let (isPossible, isWorthWithdrawing) = vault.ledger.withLock {
      $0.noteTime(now)
      applyTouches(to: &$0)
      return (Footprint(length: Int(entry.fixed.length)).bytes <= $0.inFlightBytesMax, $0.isWorthWithdrawing)
    }
    if isWorthWithdrawing { vault.populationSignal.raise() }
    guard isPossible else { return .failure(.tooLarge) }
    guard !hasTooManySisters(hash) else { return .failure(.tooManySisters) }
    guard holdSlot(of: hash, isKept: isKept, now: now) else { return .failure(.noMemory) }
    let result = takeRecord(entry, annotationBytes: annotationBytes, now: now)
    if case .failure = result { releaseSlot(of: hash) }
    return result
  }

  /// They share a place in the index, where each is looked at for the others.
  private func hasTooManySisters(_ hash: UInt64) -> Bool {
    guard KeyHash.isRanked(hash) else { return false }
    return vault.index.withStripe(of: hash) {
      $0.sisterCount(hash, upTo: Limits.sistersMax) == Limits.sistersMax
    }
  }

  private func takeRecord(_ entry: Entry, annotationBytes: Int, now: UInt64) -> AdmissionResult {
    for look in 0..<Limits.victimLooksMax {
      switch vault.ledger.withLock({ $0.begin(entry, annotationBytes: annotationBytes, now: now) }) {
      case .begun(let ref, let body): return .success(Admission(ref: ref, body: body))
      case .full: guard evictForTables(now: now, isKept: entry.fixed.isKept) else { return .failure(.noMemory) }
      case .annexesFull:
        guard look < Limits.annexLooksMax, evictForTables(now: now, isKept: false) else { return .failure(.noMemory) }
      case .tooManyBodies: return .failure(.tooManyBodies)
      }
    }
    return .failure(.noMemory)
  }

  // MARK: Room in the index

  /// Makes sure that publishing will find a slot. The bytes are booked before the table grows, and no stripe is
  /// locked while something is evicted for them.
  private func holdSlot(of hash: UInt64, isKept: Bool, now: UInt64) -> Bool {
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
      guard evictForTables(now: now, isKept: isKept) else { return false }
    }
    return false
  }

  func releaseSlot(of hash: UInt64) { vault.index.withStripe(of: hash) { $0.pending -= 1 } }

  /// False when nothing can go.
  private func evictForTables(now: UInt64, isKept: Bool) -> Bool {
    guard vault.evict(for: .tables, now: now, breaksPromises: isKept) == .exhausted else { return true }
    vault.wishForPins(now: now)
    return false
  }

  // MARK: Dropping

  /// A dropped PUT's client has no answer. What it meant to replace stays while it is promised, and for good where it is of
  /// the same shape: a key of LMCache names its contents. Otherwise it goes, since its next reader would believe it to be
  /// the new one. The recovery key names no contents: what is read back has to be what was written.
  func removeStale(_ entry: Entry, now: UInt64, where isIt: (EntryID) -> Bool) {
    vault.index.withStripe(of: entry.fixed.hash) { table in
      let id = entries(entry.fixed.hash, now: 0, in: &table, where: isIt).ofLM
      // Nor is anything older to be found later, on a device that is not known yet.
      guard id != 0 else {
        vault.disk?.noteChange(ofKey: entry.fixed.hash)
        return
      }
      let held = table[id]
      if !entry.fixed.isKept {
        let isSame =
          vault.entries[id].pointee.length == entry.fixed.length && held.pointee.kind == entry.stripes.kind
          && held.pointee.meta == entry.stripes.meta
        if isSame || vault.promises.holds(held.pointee.promise, at: Vault.second(now)) { return }
      }
      removeEntry(id, entry.fixed.hash, in: &table)
      counters.staleRemoved.add()
    }
  }
}

extension ObjectMeta {
  static let none = ObjectMeta(format: 0, type: 0, shape: (0, 0, 0, 0))
}

extension UnsafeRawBufferPointer {
  var isOfRecoveryCheck: Bool { hasPrefix(Limits.keptKeyPrefix) && count <= Limits.keptKeyBytesMax }

  func hasPrefix(_ prefix: StaticString) -> Bool {
    count >= prefix.utf8CodeUnitCount && memcmp(baseAddress!, prefix.utf8Start, prefix.utf8CodeUnitCount) == 0
  }
}

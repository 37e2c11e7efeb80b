import Base
import Policy

/// What is known of an entry, within a transaction.
package struct KeyEntry {
  let id: EntryID
  private let fixed: UnsafePointer<Entry.Fixed>
  private let part: UnsafeMutablePointer<Entry.StripePart>

  init(_ id: EntryID, _ entries: EntryTable, in table: StripeTable) {
    self.id = id
    (fixed, part) = (entries[id], table[id])
  }

  package var kind: ValueKind { part.pointee.kind }
  /// What the value was stored with, for others to give it a meaning.
  package var tag: UInt8 { fixed.pointee.tag }
  /// Of an annotation alone: what it says.
  package var length: Int { Int(fixed.pointee.length) }
  /// Evicted only when nothing else can be.
  package var isKept: Bool { fixed.pointee.isKept }
  /// In milliseconds of the clock that `now` is from; 0 is never.
  package var deadline: UInt64 { part.pointee.deadline }
  package var hasAnnotation: Bool { part.pointee.annotationUnits > 0 }
  /// The annotation: numbers that `lm` knows, and bytes that it does not.
  package var meta: ObjectMeta { part.pointee.meta }
  package var annotationBytes: Int { part.pointee.annotationBytes }
}

/// What lies under one key, while its stripe is locked: the seam on which others decide what keys and kinds mean to them.
/// All of it happens in one moment; nothing in it may wait.
package struct KeyTransaction: ~Copyable {
  let lane: Lane
  let hash: UInt64
  package let now: UInt64
  private var entries: KeyEntries
  private let table: UnsafeMutablePointer<StripeTable>
  /// A value that has arrived, until it is settled or discarded.
  private var arrived: (ref: EntryRef, body: BodyID)?

  fileprivate init(
    _ lane: Lane, _ hash: UInt64, _ entries: KeyEntries, _ table: UnsafeMutablePointer<StripeTable>, now: UInt64,
    arrived: (ref: EntryRef, body: BodyID)? = nil
  ) {
    (self.lane, self.hash, self.now) = (lane, hash, now)
    (self.entries, self.table, self.arrived) = (entries, table, arrived)
  }

  var vault: Vault { lane.vault }
  var stripe: StripeTable { table.pointee }

  // MARK: Looking

  package func entry(_ kind: ValueKind) -> KeyEntry? { entries[kind] == 0 ? nil : entry(entries[kind]) }

  /// The first of these kinds.
  package func entry(of kinds: KindSet) -> KeyEntry? {
    let id = entries.first(of: kinds)
    return id == 0 ? nil : entry(id)
  }

  private func entry(_ id: EntryID) -> KeyEntry { KeyEntry(id, vault.entries, in: table.pointee) }

  package func isPromised(_ entry: KeyEntry) -> Bool {
    vault.promises.holds(table.pointee[entry.id].pointee.promise, at: Vault.second(now))
  }

  /// What only a device has.
  package func away(_ entry: KeyEntry) -> ValueRef? {
    vault.isAway(entry.id, in: stripe) ? ValueRef(entry.id, vault.entries) : nil
  }

  func holds(_ ref: ValueRef) -> Bool {
    entries[table.pointee[ref.entry.id].pointee.kind] == ref.entry.id
      && vault.entries[ref.entry.id].pointee.generation == ref.entry.generation
  }

  /// Copies the part of an annotation that `lm` does not know.
  package func copyAnnotation(of entry: KeyEntry, into room: UnsafeMutableRawBufferPointer) {
    precondition(room.count == entry.annotationBytes)
    vault.entries.readAnnex(table.pointee[entry.id].pointee.annotationAnnex, into: room)
  }

  /// Pins the value: neither a hit nor a touch.
  package func pin(_ entry: KeyEntry) -> PinnedValue {
    PinnedValue(pinning: entry.id, in: table.pointee, vault.entries)
  }

  // MARK: Using

  /// The value is read: it settles what was promised of it.
  package func fetch(_ entry: KeyEntry, burst: inout TouchBurst) -> Touch {
    lane.settlePromise(of: entry.id, by: burst.asker, now: now, in: table.pointee)
    return lane.follow(entry.id, .fetch, now: now, burst: &burst, in: table.pointee)
  }

  package func lookUp(_ entry: KeyEntry, burst: inout TouchBurst) -> LookupAnswer {
    lane.lookUp(entry.id, now: now, burst: &burst, in: table.pointee)
  }

  package func touch(_ entry: KeyEntry, burst: inout TouchBurst) -> Touch {
    lane.follow(entry.id, .ask, now: now, burst: &burst, in: table.pointee)
  }

  // MARK: Changing

  package mutating func remove(_ entry: KeyEntry, _ event: ChangeEvent = .removed) {
    entries[entry.kind] = 0
    lane.removeEntry(entry.id, hash, event, in: &table.pointee)
  }

  /// What is not here is not to be anywhere: a device that is being read may hold it.
  package func removeElsewhere() { vault.disk?.noteChange(ofKey: hash) }

  package mutating func remove(_ kinds: KindSet) { while let entry = entry(of: kinds) { remove(entry) } }

  /// In milliseconds; 0 is never.
  package func setDeadline(_ deadline: UInt64, of entry: KeyEntry) {
    table.pointee[entry.id].pointee.deadline = deadline
    if deadline != 0 { table.pointee.mayExpire = true }
    vault.noteChange(of: entry.id, in: stripe)
  }

  /// A value keeps its bytes, and becomes another kind without its annotation.
  package mutating func dropAnnotation(of entry: KeyEntry, becoming kind: ValueKind) {
    let (vault, part) = (lane.vault, table.pointee[entry.id])
    vault.note(.removed, entry.id, entry.kind)
    vault.ledger.withLock { ledger in
      ledger.records.releaseAnnex(part.pointee.annotationAnnex)
      part.pointee.annotationAnnex = 0
      part.pointee.annotationUnits = 0
      change(entry, to: kind, &ledger)
    }
    vault.note(.published, entry.id, kind)
    vault.noteChange(of: entry.id, in: stripe)
  }

  private mutating func change(_ entry: KeyEntry, to kind: ValueKind, _ ledger: inout Ledger) {
    let before = entry.kind
    ledger.counts[Int(before.rawValue)] -= 1
    ledger.counts[Int(kind.rawValue)] += 1
    table.pointee[entry.id].pointee.kind = kind
    (entries[before], entries[kind]) = (0, entry.id)
  }

  // MARK: What has arrived

  package var newcomer: KeyEntry {
    guard let arrived else { preconditionFailure("a value is settled once") }
    return entry(arrived.ref.id)
  }

  /// The newcomer's bytes, if it is so short that they lie in one piece.
  package var newcomersBytes: UnsafeRawBufferPointer {
    let fragment = vault.entries.storage(of: newcomer.id).pointee.fragment
    precondition(newcomer.length <= Int(fragment.units) * Limits.unitBytes, "only a short value lies in one piece")
    let start = vault.arena.address(of: fragment.page) + Int(fragment.unit) * Limits.unitBytes
    return UnsafeRawBufferPointer(start: start, count: newcomer.length)
  }

  /// The newcomer's bytes are an annotation, of a value of this length. Its room was taken when it began.
  package func makeAnnotation(_ meta: ObjectMeta, _ rest: UnsafeRawBufferPointer, ofLength length: UInt32) {
    let (id, part) = (newcomer.id, table.pointee[newcomer.id])
    part.pointee.meta = meta
    part.pointee.setAnnotation(byteCount: rest.count)
    vault.entries.fillAnnex(part.pointee.annotationAnnex, with: rest)
    vault.ledger.withLock { $0.setLength(of: id, length) }
  }

  /// The newcomer takes over another's annotation, and becomes another kind by it.
  package func takeAnnotation(of other: KeyEntry, becoming kind: ValueKind) {
    let (part, held) = (table.pointee[newcomer.id], table.pointee[other.id])
    part.pointee.kind = kind
    part.pointee.meta = held.pointee.meta
    part.pointee.annotationUnits = held.pointee.annotationUnits
    part.pointee.annotationAnnex = held.pointee.annotationAnnex
    held.pointee.annotationAnnex = 0
  }

  /// A value is given the newcomer's annotation for what it had, and becomes another kind by it.
  package mutating func giveAnnotation(to entry: KeyEntry, becoming kind: ValueKind, _ touch: Touch) {
    let (lane, part, given) = (lane, table.pointee[entry.id], table.pointee[newcomer.id])
    vault.note(entry.kind == kind ? .replaced : .removed, entry.id, entry.kind)
    if entry.kind != kind { vault.note(.published, entry.id, kind) }
    lane.vault.ledger.withLock { ledger in
      part.pointee.meta = given.pointee.meta
      part.pointee.annotationUnits = given.pointee.annotationUnits
      swap(&part.pointee.annotationAnnex, &given.pointee.annotationAnnex)
      change(entry, to: kind, &ledger)
      lane.applyTouches(to: &ledger)
      ledger.apply(touch)
    }
    vault.noteChange(of: entry.id, in: stripe)
  }

  /// An annotation alone is kept without the bytes that it came in.
  package func dropNewcomersBytes() {
    let id = newcomer.id
    vault.ledger.withLock { $0.releaseStorage(of: id) }
  }

  /// The newcomer becomes visible, in the place of what is replaced. What is displaced goes as if it had been removed.
  package mutating func settle(replacing: KindSet, displacing: KindSet, burst: inout TouchBurst) {
    guard let (ref, body) = arrived else { preconditionFailure("a value is settled once") }
    arrived = nil
    lane.settle(
      ref, body, entries, replacing: replacing, displacing: displacing, now: now, burst: &burst, in: &table.pointee)
  }

  /// What the newcomer held goes back: it is not needed as an entry of its own.
  package mutating func discard() {
    guard let (ref, body) = arrived else { preconditionFailure("a value is settled once") }
    arrived = nil
    let table = table.pointee
    vault.ledger.withLock {
      $0.end(body)
      $0.free(ref.id, in: table)
    }
  }

  /// The newcomer becomes visible beside what is there, without its bytes.
  mutating func insertNewcomer(mayExpire: Bool) {
    guard let (ref, body) = arrived else { preconditionFailure("a value is settled once") }
    arrived = nil
    table.pointee.insert(hash, ref.id)
    if mayExpire { table.pointee.mayExpire = true }
    let kind = table.pointee[ref.id].pointee.kind
    vault.withNames(of: ref.id) { names in
      vault.ledger.withLock { ledger in
        ledger.end(body)
        // Who stored it, in another process, is not known.
        ledger.own(ref.id, kind, names, by: NameTable.nonePlace, isAway: true)
        ledger.count(ref.id, kind)
        ledger.away += 1
      }
    }
    if kind != .hidden { vault.noteTokens(of: ref.id, in: table.pointee) }
  }

  fileprivate var isSettled: Bool { arrived == nil }
}

extension Lane {
  /// Shows what lies under a key, and lets it be changed. What has expired is gone before.
  package func transact<Result>(
    on key: UnsafeRawBufferPointer, now: UInt64, _ body: (inout KeyTransaction) -> Result
  ) -> Result {
    let hash = vault.hash(key)
    return vault.index.withStripe(of: hash) { table in
      let entries = entries(hash, now: now, in: &table) { vault.holds($0, hash, key) }
      return withUnsafeMutablePointer(to: &table) { table in
        var transaction = KeyTransaction(self, hash, entries, table, now: now)
        return body(&transaction)
      }
    }
  }

  /// The same of a key for which a value has arrived: `body` settles or discards it.
  func transact<Result>(
    onKeyOf ref: EntryRef, _ arrived: BodyID, _ hash: UInt64, now: UInt64, _ body: (inout KeyTransaction) -> Result
  ) -> Result {
    vault.index.withStripe(of: hash) { table in
      table.pending -= 1
      let entries = entries(of: ref.id, hash, now: now, in: &table)
      return withUnsafeMutablePointer(to: &table) { table in
        var transaction = KeyTransaction(self, hash, entries, table, now: now, arrived: (ref, arrived))
        let result = body(&transaction)
        precondition(transaction.isSettled, "a value that has arrived is settled or discarded")
        return result
      }
    }
  }

  /// Outside the transaction in which the value was pinned.
  package func pin(_ value: PinnedValue) -> Pin { Pin(value, vault: vault) }
}

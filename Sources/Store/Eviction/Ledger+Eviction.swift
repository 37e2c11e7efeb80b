import Base

/// An entry that may go, as the ledger knows it: its stripe's lock is taken before it is looked at.
struct Candidate: Sendable {
  var ref: EntryRef
  var hash: UInt64
  /// Its turn in the order has come, and what it is there for says how far eviction has come.
  var isInTurn: Bool
  /// It goes although it may have been stored or fetched just now: nothing older is left, or the policy has looked at that.
  var mayBeFresh: Bool
  /// Of a policy that learns: with all its sisters.
  var isChoice: Bool
  /// It makes room in its quota: that says nothing of how far eviction has come.
  var isOfQuota = false
  /// It goes although a device has yet to write it: nothing else is left.
  var mayBeUnwritten = false
}

/// Why an entry cannot go.
enum Obstacle {
  case pinned
  /// Promised through this second.
  case promised(UInt32)
  /// Just stored or fetched.
  case fresh
  /// A device is to write it before.
  case unwritten
}

extension Ledger {
  /// The entry to go next; nil when all that is left is promised or read, or is to be written before.
  mutating func victim(now: UInt64, sparesUnwritten: Bool) -> Candidate? {
    var restored = 0
    while restored < Limits.restoredMax, let id = held.due(now: now) ?? fresh.due(now: now) ?? unwritten.due(now: now) {
      // Its turn had come. Kept ones go last all the same, and a policy that learns looks at it anew.
      guard entries[id].pointee.isKept || order.learns else { return candidate(id) }
      list(id, after: .none)
      restored += 1
    }
    if let id = order.choice() { return candidate(id, isInTurn: true, mayBeFresh: true, isChoice: true) }
    if let id = order.oldest(kept: false) { return candidate(id, isInTurn: true) }
    if let id = fresh.first() { return candidate(id, mayBeFresh: true) }
    if !sparesUnwritten, let id = unwritten.first() {
      var candidate = candidate(id, mayBeFresh: true)
      candidate.mayBeUnwritten = true
      return candidate
    }
    return order.oldest(kept: true).map { candidate($0, mayBeFresh: true) }
  }

  /// The promised entry whose promise ends first, for what is worth more than a promise.
  func promisedVictim() -> Candidate? { held.first().map { candidate($0, mayBeFresh: true) } }

  private func candidate(
    _ id: EntryID, isInTurn: Bool = false, mayBeFresh: Bool = false, isChoice: Bool = false
  ) -> Candidate {
    Candidate(
      ref: EntryRef(id: id, generation: entries[id].pointee.generation), hash: entries[id].pointee.hash,
      isInTurn: isInTurn, mayBeFresh: mayBeFresh, isChoice: isChoice)
  }

  /// An entry that cannot go waits out of the order until it may be able to.
  mutating func setAside(_ id: EntryID, _ obstacle: Obstacle, now: UInt64, isBreaking: Bool) {
    leaveList(id)
    order.setAside(id)
    switch obstacle {
    case .pinned:
      notePinMet(entries.storage(of: id).pointee.bytes, now: now)
      // Where promises are to be broken, what is read must not hide those behind it.
      held.add(id, until: isBreaking ? UInt64.max / 2 : now, now: now)
    case .promised(let second): held.add(id, until: Vault.end(ofSecond: second), now: now)
    case .unwritten: unwritten.add(id, until: now + Limits.unwrittenNanoseconds, now: now)
    case .fresh:
      let until = now + UInt64(Limits.freshTenths) * 100_000_000
      if entries[id].pointee.isKept {
        held.add(id, until: until, now: now)
      } else {
        fresh.add(id, until: until, now: now)
      }
    }
  }

  private mutating func notePinMet(_ bytes: Int, now: UInt64) {
    let second = Vault.second(now)
    if pinsMet.second != second { pinsMet = (second, 0, pinsMet.second + 1 == second ? pinsMet.bytes : 0) }
    pinsMet.bytes += bytes
  }

  /// Whether what is read keeps a writer from its room: values that were replaced while they were read, and those that
  /// eviction met in this second or the one before it.
  var pinsAreInTheWay: Bool {
    deadBytes + max(pinsMet.bytes, pinsMet.bytesBefore) > budgetBytes / Limits.pinsInTheWayShare
  }

  /// Out of the books; its bytes stay until `free`.
  mutating func uncount(_ id: EntryID, _ kind: ValueKind) {
    objects -= 1
    counts[Int(kind.rawValue)] -= 1
    keyBytes -= Int(entries[id].pointee.keyLength)
  }

  /// What is in memory, the last used first; what waits out of the order comes before, unless its turn to go had come.
  func newestFirst(countMax: Int, where isWanted: (EntryID) -> Bool) -> [ValueRef] {
    var refs: [ValueRef] = []
    func add(_ id: EntryID) { if refs.count < countMax, isWanted(id) { refs.append(ValueRef(id, entries)) } }
    fresh.forEach(add)
    held.forEach(add)
    order.forEachNewestFirst { id in
      add(id)
      return refs.count < countMax
    }
    unwritten.forEach(add)
    return refs
  }

  /// Gives everything back that belongs to an entry that nothing can reach any more. Under the lock of its stripe, too.
  mutating func free(_ id: EntryID, in table: StripeTable) {
    releaseStorage(of: id)
    records.releaseAnnex(storage(of: id).pointee.keyAnnex)
    records.releaseAnnex(table[id].pointee.annotationAnnex)
    records.release(id)
  }

  mutating func releaseStorage(of id: EntryID) {
    let storage = storage(of: id)
    quotas?.add(-storage.pointee.bytes, toQuotaOf: id)
    if storage.pointee.pageCount > 0 {
      pages.release(head: storage.pointee.head, count: Int(storage.pointee.pageCount))
      storage.pointee.pageCount = 0
    }
    if storage.pointee.fragment.units > 0 {
      let page = storage.pointee.fragment.page
      if fragments.release(storage.pointee.fragment) { pages.release(page) }
      storage.pointee.fragment.units = 0
    }
  }
}

/// Entries in a row, by the links in their records: nothing is allocated. Each is in one row at most.
struct EntryList: Sendable {
  private(set) var newest: EntryID = 0
  private(set) var oldest: EntryID = 0
  private(set) var count = 0

  mutating func append(_ id: EntryID, in parts: LedgerParts) { insert(id, between: 0, and: newest, in: parts) }

  /// Just older than `predecessor`, which is in this row.
  mutating func insert(_ id: EntryID, behind predecessor: EntryID, in parts: LedgerParts) {
    insert(id, between: predecessor, and: parts[predecessor].pointee.older, in: parts)
  }

  private mutating func insert(_ id: EntryID, between newer: EntryID, and older: EntryID, in parts: LedgerParts) {
    parts[id].pointee.newer = newer
    parts[id].pointee.older = older
    if newer != 0 { parts[newer].pointee.older = id } else { newest = id }
    if older != 0 { parts[older].pointee.newer = id } else { oldest = id }
    count += 1
  }

  mutating func remove(_ id: EntryID, in parts: LedgerParts) {
    let (newer, older) = (parts[id].pointee.newer, parts[id].pointee.older)
    if newer != 0 { parts[newer].pointee.older = older } else { newest = older }
    if older != 0 { parts[older].pointee.newer = newer } else { oldest = newer }
    count -= 1
  }

  /// For checks.
  func forEachOldestFirst(in parts: LedgerParts, _ visit: (EntryID) -> Void) {
    var id = oldest
    while id != 0 {
      visit(id)
      id = parts[id].pointee.newer
    }
  }
}

/// In which order values go when room is needed, the oldest first, by the store's policy. Called under the ledger's lock.
/// Kept entries are a class of their own: they go when no ordinary one can.
struct EvictionOrder: Sendable {
  private let parts: LedgerParts
  private let policy: EvictionPolicy
  private var ordinary = EntryList()
  private var kept = EntryList()

  init(_ parts: LedgerParts, policy: EvictionPolicy) {
    self.parts = parts
    self.policy = policy
  }

  /// How many entries of the class are ordered.
  func count(kept isKept: Bool) -> Int { isKept ? kept.count : ordinary.count }

  /// The entry of the class to lose first.
  func victim(kept isKept: Bool) -> EntryID? {
    let oldest = isKept ? kept.oldest : ordinary.oldest
    return oldest == 0 ? nil : oldest
  }

  /// Takes an entry in, or moves one that is ordered: to the recent end, or, by the policy, just older than the one that
  /// was touched before it in the same walk, if that is ordered.
  mutating func touch(_ id: EntryID, after predecessor: EntryID?) {
    if parts[id].pointee.place == .ordered { remove(id) }
    parts[id].pointee.place = .ordered
    let parts = parts
    let isKept = parts.fixed(id).pointee.isKept
    let predecessor = policy == .tailFirst ? predecessor : nil
    update(kept: isKept) { list in
      if let predecessor, predecessor != id, parts[predecessor].pointee.place == .ordered,
        parts.fixed(predecessor).pointee.isKept == isKept
      {
        list.insert(id, behind: predecessor, in: parts)
      } else {
        list.append(id, in: parts)
      }
    }
  }

  mutating func remove(_ id: EntryID) {
    precondition(parts[id].pointee.place == .ordered, "an entry leaves the order once")
    let parts = parts
    update(kept: parts.fixed(id).pointee.isKept) { $0.remove(id, in: parts) }
    parts[id].pointee.place = .none
  }

  private mutating func update(kept isKept: Bool, _ change: (inout EntryList) -> Void) {
    if isKept { change(&kept) } else { change(&ordinary) }
  }

  /// From the first to go to the last, for checks.
  func forEachOldestFirst(_ visit: (EntryID) -> Void) {
    ordinary.forEachOldestFirst(in: parts, visit)
    kept.forEachOldestFirst(in: parts, visit)
  }
}

/// Entries in a row, by the links in their records: nothing is allocated. Each is in one row at most.
struct EntryList: Sendable {
  private(set) var newest: EntryID = 0
  private(set) var oldest: EntryID = 0
  private(set) var count = 0

  mutating func append(_ id: EntryID, in entries: EntryTable) { insert(id, between: 0, and: newest, in: entries) }

  /// Just older than `predecessor`, which is in this row.
  mutating func insert(_ id: EntryID, behind predecessor: EntryID, in entries: EntryTable) {
    insert(id, between: predecessor, and: entries[predecessor].pointee.older, in: entries)
  }

  private mutating func insert(_ id: EntryID, between newer: EntryID, and older: EntryID, in entries: EntryTable) {
    entries[id].pointee.newer = newer
    entries[id].pointee.older = older
    if newer != 0 { entries[newer].pointee.older = id } else { newest = id }
    if older != 0 { entries[older].pointee.newer = id } else { oldest = id }
    count += 1
  }

  mutating func remove(_ id: EntryID, in entries: EntryTable) {
    let (newer, older) = (entries[id].pointee.newer, entries[id].pointee.older)
    if newer != 0 { entries[newer].pointee.older = older } else { newest = older }
    if older != 0 { entries[older].pointee.newer = newer } else { oldest = newer }
    count -= 1
  }

  /// For checks.
  func forEachOldestFirst(in entries: EntryTable, _ visit: (EntryID) -> Void) {
    var id = oldest
    while id != 0 {
      visit(id)
      id = entries[id].pointee.newer
    }
  }
}

/// In which order values go when room is needed, the oldest first, by the store's policy. Called under the ledger's lock.
/// Kept entries are a class of their own: they go when no ordinary one can.
struct EvictionOrder: Sendable {
  private let entries: EntryTable
  private let policy: EvictionPolicy
  private var ordinary = EntryList()
  private var kept = EntryList()

  init(entries: EntryTable, policy: EvictionPolicy) {
    self.entries = entries
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
    if entries[id].pointee.placeByte == Entry.orderedByte { remove(id) }
    entries[id].pointee.placeByte = Entry.byte(.ordered)
    let entries = entries
    let isKept = entries[id].pointee.isKept
    let predecessor = policy == .tailFirst ? predecessor : nil
    update(kept: isKept) { list in
      if let predecessor, predecessor != id, entries[predecessor].pointee.placeByte == Entry.orderedByte,
        entries[predecessor].pointee.isKept == isKept
      {
        list.insert(id, behind: predecessor, in: entries)
      } else {
        list.append(id, in: entries)
      }
    }
  }

  mutating func remove(_ id: EntryID) {
    precondition(entries[id].pointee.placeByte == Entry.orderedByte, "an entry leaves the order once")
    let entries = entries
    update(kept: entries[id].pointee.isKept) { $0.remove(id, in: entries) }
    entries[id].pointee.placeByte = Entry.byte(.none)
  }

  private mutating func update(kept isKept: Bool, _ change: (inout EntryList) -> Void) {
    if isKept { change(&kept) } else { change(&ordinary) }
  }

  /// From the first to go to the last, for checks.
  func forEachOldestFirst(_ visit: (EntryID) -> Void) {
    ordinary.forEachOldestFirst(in: entries, visit)
    kept.forEachOldestFirst(in: entries, visit)
  }
}

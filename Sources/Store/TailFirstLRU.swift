/// Least recently used goes first, with one twist: what a client touches in one walk is linked each just older than
/// the one before. A prefix is walked from its root, and a chunk is useless without those before it: so the tail goes first.
/// Kept entries have a list of their own. The links live in the records; nothing is allocated.
struct TailFirstLRU: EvictionPolicy, Sendable {
  private struct List: Sendable {
    var newest: EntryID = 0
    var oldest: EntryID = 0
    var count = 0
  }

  private let entries: EntryTable
  private var ordinary = List()
  private var kept = List()

  init(entries: EntryTable) { self.entries = entries }

  func count(kept isKept: Bool) -> Int { isKept ? kept.count : ordinary.count }

  func victim(kept isKept: Bool) -> EntryID? {
    let oldest = isKept ? kept.oldest : ordinary.oldest
    return oldest == 0 ? nil : oldest
  }

  mutating func touch(_ id: EntryID, after predecessor: EntryID?) {
    if entries[id].pointee.isOrdered { remove(id) }
    let isKept = entries[id].pointee.isKept
    if let predecessor, predecessor != id, entries[predecessor].pointee.isOrdered,
      entries[predecessor].pointee.isKept == isKept
    {
      link(id, between: predecessor, and: entries[predecessor].pointee.older)
    } else {
      link(id, between: 0, and: isKept ? kept.newest : ordinary.newest)
    }
  }

  mutating func spare(_ id: EntryID) { touch(id, after: nil) }

  mutating func remove(_ id: EntryID) {
    let entries = entries
    let entry = entries[id]
    precondition(entry.pointee.isOrdered, "an entry leaves the order once")
    let (newer, older) = (entry.pointee.newer, entry.pointee.older)
    update(kept: entry.pointee.isKept) { list in
      if newer != 0 { entries[newer].pointee.older = older } else { list.newest = older }
      if older != 0 { entries[older].pointee.newer = newer } else { list.oldest = newer }
      list.count -= 1
    }
    entry.pointee.isOrdered = false
  }

  private mutating func link(_ id: EntryID, between newer: EntryID, and older: EntryID) {
    let entries = entries
    let entry = entries[id]
    entry.pointee.newer = newer
    entry.pointee.older = older
    entry.pointee.isOrdered = true
    update(kept: entry.pointee.isKept) { list in
      if newer != 0 { entries[newer].pointee.older = id } else { list.newest = id }
      if older != 0 { entries[older].pointee.newer = id } else { list.oldest = id }
      list.count += 1
    }
  }

  private mutating func update(kept isKept: Bool, _ change: (inout List) -> Void) {
    if isKept { change(&kept) } else { change(&ordinary) }
  }

  /// From the first to go to the last, for checks.
  func forEachOldestFirst(_ visit: (EntryID) -> Void) {
    for list in [ordinary, kept] {
      var id = list.oldest
      while id != 0 {
        visit(id)
        id = entries[id].pointee.newer
      }
    }
  }
}

import Base

/// Which records are free: a list of used ones, then those never used.
struct EntryPool: Sendable {
  private let entries: EntryTable
  private var freeHead: EntryID = 0
  /// Records from here on have never been used. Record 0 is nobody's.
  private(set) var frontier = 1

  init(entries: EntryTable) { self.entries = entries }

  /// What the records used so far cost; it never shrinks.
  var bytes: Int { frontier * Limits.recordBytes }

  var hasRecycled: Bool { freeHead != 0 }
  var hasUnused: Bool { frontier < entries.capacity }

  mutating func take(for entry: Entry) -> EntryRef? {
    guard let ref = take() else { return nil }
    entries[ref.id].initialize(to: entry)
    entries[ref.id].pointee.generation = ref.generation
    return ref
  }

  private mutating func take() -> EntryRef? {
    if freeHead != 0 {
      let id = freeHead
      freeHead = entries[id].pointee.older
      return EntryRef(id: id, generation: entries[id].pointee.generation)
    }
    guard hasUnused else { return nil }
    frontier += 1
    return EntryRef(id: EntryID(frontier - 1), generation: 1)
  }

  mutating func release(_ id: EntryID) {
    precondition(entries[id].pointee.state != .free, "a record comes back once")
    entries[id].pointee.state = .free
    entries[id].pointee.generation = entries[id].pointee.generation &+ 1
    entries[id].pointee.older = freeHead
    freeHead = id
  }
}

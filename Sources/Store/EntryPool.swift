import Base

/// Which records are free: a list of used ones, then those never used.
struct EntryPool: Sendable {
  private let parts: LedgerParts
  private let capacity: Int
  /// What each costs, with what the policy and the devices keep of it elsewhere.
  let bytesEach: Int
  private var freeHead: EntryID = 0
  private var freeCount = 0
  /// Records that hold the rest of a key or of metadata.
  private(set) var annexCount = 0
  /// Records from here on have never been used. Record 0 never is.
  private(set) var frontier = 1

  init(_ parts: LedgerParts, capacity: Int, besideBytes: Int) {
    self.parts = parts
    self.capacity = capacity
    bytesEach = Limits.recordBytes + besideBytes
  }

  /// What the records used so far cost; it never shrinks.
  var bytes: Int { frontier * bytesEach }

  /// How many records that were never used have to be begun to have `count`; nil when there are too few.
  func missing(of count: Int) -> Int? {
    let missing = max(0, count - freeCount)
    return frontier + missing <= capacity ? missing : nil
  }

  /// The caller has asked whether there are enough.
  mutating func take(for entry: Entry) -> EntryRef {
    let ref = take()
    parts.begin(ref, as: entry)
    return ref
  }

  private mutating func take() -> EntryRef {
    guard freeHead != 0 else {
      precondition(frontier < capacity, "asked before")
      frontier += 1
      return EntryRef(id: EntryID(frontier - 1), generation: 1)
    }
    let id = freeHead
    freeHead = parts[id].pointee.older
    freeCount -= 1
    return EntryRef(id: id, generation: parts.fixed(id).pointee.generation)
  }

  mutating func release(_ id: EntryID) {
    parts.end(id)
    parts[id].pointee.older = freeHead
    freeHead = id
    freeCount += 1
  }

  // MARK: Annexes

  /// A chain of annexes with room for so many bytes; 0 for none.
  mutating func takeAnnex(byteCount: Int) -> EntryID {
    var head: EntryID = 0
    for _ in 0..<EntryTable.annexRecords(byteCount: max(0, byteCount)) {
      let ref = take(for: .annex)
      parts[ref.id].pointee.older = head
      head = ref.id
      annexCount += 1
    }
    return head
  }

  mutating func releaseAnnex(_ head: EntryID) {
    var annex = head
    while annex != 0 {
      let next = parts[annex].pointee.older
      release(annex)
      annexCount -= 1
      annex = next
    }
  }
}

extension Entry {
  fileprivate static let annex = Entry(
    fixed: Fixed(hash: 0, length: 0, keyLength: 0), stripes: StripePart(kind: .plain, state: .annex))
}

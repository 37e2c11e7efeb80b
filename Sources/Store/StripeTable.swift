import Base

/// One stripe of the index: open addressing with linear probing over (tag, entry). It compares tags;
/// whether an entry is the one looked for is for the caller to say, by its whole key.
struct StripeTable: @unchecked Sendable {
  private struct Slot {
    var tag: UInt32
    var entry: EntryID
  }

  private var slots: UnsafeMutablePointer<Slot>
  private(set) var capacity: Int
  private(set) var count = 0
  /// Bodies that will need a slot when they are published. Room is made when they begin, so publishing cannot fail.
  var pending = 0
  /// Some entry may have a deadline.
  var mayExpire = false
  private let parts: StripeParts
  private let diskParts: DiskParts?

  init(_ parts: StripeParts, _ diskParts: DiskParts?) {
    (self.parts, self.diskParts) = (parts, diskParts)
    capacity = Limits.stripeSlotsMin
    slots = Self.emptySlots(capacity)
  }

  static func bytes(capacity: Int) -> Int { capacity * MemoryLayout<Slot>.stride }

  /// What the lock of the entry's stripe guards of it.
  @inline(__always)
  subscript(id: EntryID) -> UnsafeMutablePointer<Entry.StripePart> { parts[id] }

  /// And of its copy on a device; nil in a store without devices.
  @inline(__always)
  func disk(_ id: EntryID) -> UnsafeMutablePointer<DiskPart>? { diskParts?[id] }

  /// Three quarters full is when probes become long.
  var hasRoom: Bool { (count + pending + 1) * 4 <= capacity * 3 }

  @inline(__always)
  func find(_ hash: UInt64, where isIt: (EntryID) -> Bool) -> Int? {
    let tag = UInt32(truncatingIfNeeded: hash)
    var index = home(tag)
    while slots[index].entry != 0 {
      if slots[index].tag == tag, isIt(slots[index].entry) { return index }
      index = (index + 1) & (capacity - 1)
    }
    return nil
  }

  /// Shows every entry whose tag is the hash's.
  func forEachMatch(_ hash: UInt64, _ visit: (EntryID) -> Void) {
    let tag = UInt32(truncatingIfNeeded: hash)
    var index = home(tag)
    while slots[index].entry != 0 {
      if slots[index].tag == tag { visit(slots[index].entry) }
      index = (index + 1) & (capacity - 1)
    }
  }

  /// Shows every entry whose key may be a sister of the hash's key, itself among them.
  func forEachSister(_ hash: UInt64, _ visit: (EntryID) -> Void) {
    let tag = UInt32(truncatingIfNeeded: hash)
    var index = home(tag)
    while slots[index].entry != 0 {
      if (slots[index].tag ^ tag) & KeyHash.placeMask == 0 { visit(slots[index].entry) }
      index = (index + 1) & (capacity - 1)
    }
  }

  /// How many entries may be sisters of the hash's key, counted up to a bound.
  func sisterCount(_ hash: UInt64, upTo bound: Int) -> Int {
    let tag = UInt32(truncatingIfNeeded: hash)
    var (index, count) = (home(tag), 0)
    while slots[index].entry != 0, count < bound {
      if (slots[index].tag ^ tag) & KeyHash.placeMask == 0 { count += 1 }
      index = (index + 1) & (capacity - 1)
    }
    return count
  }

  func entry(at index: Int) -> EntryID { slots[index].entry }

  mutating func replace(at index: Int, with entry: EntryID) { slots[index].entry = entry }

  mutating func insert(_ hash: UInt64, _ entry: EntryID) {
    precondition(count + 1 < capacity, "room was made when the body began")
    put(Slot(tag: UInt32(truncatingIfNeeded: hash), entry: entry))
    count += 1
  }

  /// Closes the gap by moving back whatever may stand nearer to its home.
  mutating func remove(at index: Int) {
    var gap = index
    var probe = index
    while true {
      probe = (probe + 1) & (capacity - 1)
      guard slots[probe].entry != 0 else { break }
      let wanted = home(slots[probe].tag)
      if (probe &- wanted) & (capacity - 1) >= (probe &- gap) & (capacity - 1) {
        slots[gap] = slots[probe]
        gap = probe
      }
    }
    slots[gap].entry = 0
    count -= 1
  }

  mutating func grow() {
    let (old, oldCapacity) = (slots, capacity)
    capacity *= 2
    precondition(capacity - 1 <= Int(KeyHash.placeMask), "sisters have one home")
    slots = Self.emptySlots(capacity)
    for index in 0..<oldCapacity where old[index].entry != 0 { put(old[index]) }
    old.deallocate()
  }

  func forEach(_ visit: (EntryID) -> Void) {
    for index in 0..<capacity where slots[index].entry != 0 { visit(slots[index].entry) }
  }

  mutating func removeAll(_ visit: (StripeTable, EntryID) -> Void) {
    for index in 0..<capacity where slots[index].entry != 0 {
      visit(self, slots[index].entry)
      slots[index].entry = 0
    }
    count = 0
  }

  /// Shows the entries that would stand at `home` if there were room for all. They follow it without a gap, wherever
  /// others' coming and going has moved them.
  func forEach(atHome home: Int, _ visit: (EntryID) -> Void) {
    var index = home
    while slots[index].entry != 0 {
      if self.home(slots[index].tag) == home { visit(slots[index].entry) }
      index = (index + 1) & (capacity - 1)
    }
  }

  func deallocate() { slots.deallocate() }

  @inline(__always)
  private func home(_ tag: UInt32) -> Int { Int(tag) & (capacity - 1) }

  private func put(_ slot: Slot) {
    var index = home(slot.tag)
    while slots[index].entry != 0 { index = (index + 1) & (capacity - 1) }
    slots[index] = slot
  }

  private static func emptySlots(_ capacity: Int) -> UnsafeMutablePointer<Slot> {
    let slots = UnsafeMutablePointer<Slot>.allocate(capacity: capacity)
    slots.initialize(repeating: Slot(tag: 0, entry: 0), count: capacity)
    return slots
  }
}

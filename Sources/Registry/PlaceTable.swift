import CLinux

/// Key hash -> place in the log: open addressing with linear probing over (tag, place). The table compares tags only;
/// the caller decides whether a place holds the key.
///
/// A tag's home is proportional to the capacity, so any capacity will do, and growing by half writes from left to
/// right.
struct PlaceTable {
  private struct Slot {
    var tag: UInt32
    /// 0 is empty: no entry lies at the very start of a segment.
    var place: Place
  }

  private var slots: UnsafeMutablePointer<Slot>
  private(set) var capacity: Int
  private(set) var count = 0

  init(capacity: Int) {
    self.capacity = capacity
    slots = Self.emptySlots(capacity)
  }

  func deallocate() { slots.deallocate() }

  static func bytes(capacity: Int) -> Int { capacity * MemoryLayout<Slot>.stride }

  var isFull: Bool { (count + 1) * 8 > capacity * 7 }
  var grownCapacity: Int { capacity + capacity / 2 }

  @inline(__always)
  func find(_ tag: UInt32, where isIt: (Place) -> Bool) -> Int? {
    var index = home(tag)
    while slots[index].place != .none {
      if slots[index].tag == tag, isIt(slots[index].place) { return index }
      index = next(index)
    }
    return nil
  }

  /// A search mostly waits for its first slot: a caller that has other work prefetches it.
  @inline(__always)
  func prefetch(_ tag: UInt32) { lm_prefetch(slots + home(tag)) }

  func place(at index: Int) -> Place { slots[index].place }

  func move(at index: Int, to place: Place) { slots[index].place = place }

  mutating func insert(_ tag: UInt32, _ place: Place) {
    precondition(count + 1 < capacity, "room is made first")
    put(Slot(tag: tag, place: place))
    count += 1
  }

  /// Closes the gap by moving back each slot that would come nearer to its home.
  mutating func remove(at index: Int) {
    var gap = index
    var probe = index
    while true {
      probe = next(probe)
      guard slots[probe].place != .none else { break }
      if distance(from: home(slots[probe].tag), to: probe) >= distance(from: gap, to: probe) {
        slots[gap] = slots[probe]
        gap = probe
      }
    }
    slots[gap].place = .none
    count -= 1
  }

  mutating func grow() {
    let (old, oldCapacity) = (slots, capacity)
    capacity = grownCapacity
    slots = Self.emptySlots(capacity)
    for index in 0..<oldCapacity where old[index].place != .none { put(old[index]) }
    old.deallocate()
  }

  @inline(__always)
  private func home(_ tag: UInt32) -> Int { Int((UInt64(tag) * UInt64(capacity)) >> 32) }

  @inline(__always)
  private func next(_ index: Int) -> Int { index + 1 == capacity ? 0 : index + 1 }

  private func distance(from start: Int, to end: Int) -> Int { end >= start ? end - start : end - start + capacity }

  private func put(_ slot: Slot) {
    var index = home(slot.tag)
    while slots[index].place != .none { index = next(index) }
    slots[index] = slot
  }

  private static func emptySlots(_ capacity: Int) -> UnsafeMutablePointer<Slot> {
    let slots = UnsafeMutablePointer<Slot>.allocate(capacity: capacity)
    slots.initialize(repeating: Slot(tag: 0, place: .none), count: capacity)
    return slots
  }
}

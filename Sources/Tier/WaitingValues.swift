import Base
import Store

/// Values that wait to be written: those that leave memory first, then the rest in the order in which they were stored.
struct WaitingValues: ~Copyable {
  private struct Group {
    var refs: [ValueRef]
    var at: UInt64
  }

  private var leaving = Queue<ValueRef>()
  private var groups = Queue<Group>()
  /// How far the first group is gone through.
  private var place = 0
  private(set) var count = 0

  /// False when too many wait.
  mutating func add(_ refs: [ValueRef], at now: UInt64) -> Bool {
    guard count + refs.count <= Limits.waitingMax else { return false }
    groups.append(Group(refs: refs, at: now))
    count += refs.count
    return true
  }

  mutating func add(leaving ref: ValueRef) { leaving.append(ref) }

  mutating func nextLeaving() -> ValueRef? { leaving.popFirst() }

  /// One that was stored before a time.
  mutating func next(storedBefore time: UInt64) -> ValueRef? {
    while groups.count > 0 {
      guard place < groups[0].refs.count else {
        _ = groups.removeFirst()
        place = 0
        continue
      }
      guard groups[0].at <= time else { return nil }
      place += 1
      count -= 1
      return groups[0].refs[place - 1]
    }
    return nil
  }

  mutating func takeLeaving() -> [ValueRef] {
    var taken: [ValueRef] = []
    while let ref = leaving.popFirst() { taken.append(ref) }
    return taken
  }

  mutating func removeAll() {
    leaving.removeAll()
    groups.removeAll()
    (place, count) = (0, 0)
  }
}

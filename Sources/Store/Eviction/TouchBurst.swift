import Base

/// One client's walk along a prefix. The session keeps it for its client and hands it to every call.
package struct TouchBurst: Sendable {
  /// Who walks.
  package var asker: Asker
  /// The walk's number; 0 before the first.
  private(set) var stamp: UInt32 = 0
  private var start: UInt64 = 0
  private var root: EntryID = 0
  private var last = EntryRef.none

  package init(asker: Asker = .unknown) { self.asker = asker }

  /// Where an entry touched now belongs in the order. Under the lock of the entry's stripe.
  /// Coming back to an entry of this walk, or to its root, begins a new walk: an engine asks for c0...cn and then
  /// gets c0...cn, and the second walk must not put the root behind the tail.
  mutating func follow(
    _ ref: EntryRef, _ entry: UnsafeMutablePointer<Entry.StripePart>, now: UInt64, stamps: inout StampSource
  ) -> Touch {
    let continues =
      stamp != 0 && now < start + Limits.burstNanoseconds && entry.pointee.touchStamp != stamp && ref.id != root
    let touch = Touch(entry: ref, predecessor: continues ? last : .none)
    if !continues {
      stamp = stamps.next()
      start = now
      root = ref.id
    }
    entry.pointee.touchStamp = stamp
    entry.pointee.touchedAt = Entry.tenths(now)
    last = ref
    return touch
  }
}

/// A use of an entry, to be entered into the order later.
package struct Touch: Sendable {
  var entry: EntryRef
  var predecessor: EntryRef
}

/// A lane's uses of entries that the order does not know yet.
struct TouchBuffer: @unchecked Sendable {
  private let touches: UnsafeMutablePointer<Touch>
  private(set) var count = 0

  init() { touches = .allocate(capacity: Limits.touchesPerLane) }

  var isFull: Bool { count == Limits.touchesPerLane }

  mutating func append(_ touch: Touch) {
    precondition(!isFull)
    (touches + count).initialize(to: touch)
    count += 1
  }

  mutating func drain(_ apply: (Touch) -> Void) {
    for index in 0..<count { apply(touches[index]) }
    count = 0
  }

  func deallocate() { touches.deallocate() }
}

/// Names for walks, no two lanes giving the same.
struct StampSource: Sendable {
  private var last: UInt32
  private let step: UInt32

  init(lane: Int, of laneCount: Int) {
    last = UInt32(lane)
    step = UInt32(laneCount)
  }

  mutating func next() -> UInt32 {
    last = last &+ step
    // 0 says "no walk"; after four billion walks a name may return, which costs one walk its order.
    if last == 0 { last = step }
    return last
  }
}

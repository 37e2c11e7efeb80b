import Base
import Policy

/// One client's walk along its chunks: what it touches in it, one after the other, belongs together. The session keeps it for its
/// client and hands it to every call.
package struct TouchBurst: Sendable {
  /// Who walks.
  package var asker: Asker
  /// The walk's number; 0 before the first.
  private(set) var walk: UInt32 = 0
  private var root = EntryRef.none
  private var last = EntryRef.none
  private var step = PromptStep.none
  /// What comes within a while of the first counts as used together.
  private var start: UInt64 = 0
  /// A look-up found nothing: another one begins another walk.
  private var hasEnded = false

  package init(asker: Asker = .unknown) { self.asker = asker }

  /// Where an entry touched now belongs in the order. Under the lock of the entry's stripe.
  mutating func follow(
    _ ref: EntryRef, _ entry: UnsafeMutablePointer<Entry.StripePart>, step: PromptStep, now: UInt64,
    walks: inout WalkNumbers
  ) -> Touch {
    let isAgain = ref == last && step == self.step
    if walk == 0 || hasEnded || step < self.step || ref == root && !isAgain { begin(ref, now: now, &walks) }
    var touch = Touch(entry: ref, step: step, stream: asker.stream, at: Entry.tenths(now))
    touch.predecessor = last
    touch.isWithinWalk = now < start + Limits.burstNanoseconds
    if !touch.isWithinWalk { start = now }
    (last, self.step) = (ref, step)
    entry.pointee.touchedAt = touch.at
    return touch
  }

  private mutating func begin(_ ref: EntryRef, now: UInt64, _ walks: inout WalkNumbers) {
    walk = walks.next()
    (root, last, start, hasEnded) = (ref, .none, now, false)
  }

  /// A look-up found nothing.
  mutating func noteMiss() { hasEnded = true }
}

/// A use of an entry, to be entered into the order later; or a look-up that found none.
package struct Touch: Sendable {
  var entry: EntryRef
  /// The one before it in its walk.
  var predecessor = EntryRef.none
  /// Without an entry: the hash of what was looked for.
  var missed: UInt64 = 0
  /// In tenths of a second.
  var at: UInt32
  var stream: UInt16
  var step: PromptStep
  /// Used together with the one before it.
  var isWithinWalk = false
  /// The other value of its key that it was stored over; 0 is none.
  var replaced: EntryID = 0

  init(entry: EntryRef, step: PromptStep, stream: UInt16, at: UInt32) {
    (self.entry, self.step, self.stream, self.at) = (entry, step, stream, at)
  }

  init(missed hash: UInt64, stream: UInt16, at: UInt32) {
    self.init(entry: .none, step: .ask, stream: stream, at: at)
    missed = hash
  }
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

/// Numbers for walks, no two lanes giving the same.
struct WalkNumbers: Sendable {
  private var last: UInt32
  private let step: UInt32

  init(lane: Int, of laneCount: Int) {
    last = UInt32(lane)
    step = UInt32(laneCount)
  }

  mutating func next() -> UInt32 {
    last = last &+ step
    // 0 says "no walk"; after some billions of them a number may return, which costs a promise its client's pace.
    if last == 0 { last = step }
    return last
  }
}

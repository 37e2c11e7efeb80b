import Base

/// What a client does with a value.
enum TouchStep: UInt32 {
  case ask = 1
  case fetch, store
}

/// One client's way along its prompts: it looks one up from the front, fetches what is there, and stores the rest. The session
/// keeps it for its client and hands it to every call.
package struct TouchBurst: Sendable {
  /// Who walks.
  package var asker: Asker
  /// The prompt's number above, the step below; 0 before the first.
  private var stamp: UInt32 = 0
  private var root = EntryRef.none
  private var last = EntryRef.none
  /// The last chunk that was new to the prompt, and how many were.
  private var tail = EntryRef.none
  private var length: UInt16 = 0
  /// What comes within a while of the first counts as used together.
  private var walkStart: UInt64 = 0
  private var lastAt: UInt64 = 0
  /// A look-up found nothing: the prompt is known from here on, and another look-up is of another one.
  private var isAsked = false
  private var isOver = false

  package init(asker: Asker = .unknown) { self.asker = asker }

  /// The prompt's number; 0 before the first.
  var prompt: UInt32 { stamp >> 2 }
  private var step: UInt32 { stamp & 3 }

  /// Where an entry touched now belongs in the order. Under the lock of the entry's stripe.
  mutating func follow(
    _ ref: EntryRef, _ entry: UnsafeMutablePointer<Entry.StripePart>, step: TouchStep, now: UInt64,
    stamps: inout StampSource
  ) -> Touch {
    let seen = entry.pointee.touchStamp
    let isSeen = stamp != 0 && seen >> 2 == prompt
    var touch = Touch(entry: ref)
    if begins(ref, isSeen: isSeen, seenStep: seen & 3, step, now: now) {
      (touch.finished, touch.finishedLength, touch.isFirst) = (tail, length, step == .ask)
      stamp = stamps.next() << 2 | step.rawValue
      (root, last, tail, length) = (ref, .none, .none, 0)
      (isAsked, isOver, walkStart) = (false, false, now)
    } else {
      touch.isRepeat = isSeen
      // From the front again.
      if ref == root { (last, walkStart, isAsked) = (.none, now, false) }
      stamp = stamp & ~3 | step.rawValue
    }
    touch.predecessor = last
    touch.isWithinWalk = now < walkStart + Limits.burstNanoseconds
    if !touch.isWithinWalk { walkStart = now }
    if !touch.isRepeat { (tail, length) = (ref, length + 1) }
    (last, lastAt) = (ref, now)
    entry.pointee.touchStamp = stamp
    entry.pointee.touchedAt = Entry.tenths(now)
    return touch
  }

  /// A look-up found nothing.
  mutating func noteMiss() {
    if step == TouchStep.ask.rawValue, !isAsked { isAsked = true } else { isOver = true }
  }

  /// Whether a prompt begins with this. Being asked for again and again does not make others of it, and being looked up by two
  /// names neither.
  private func begins(
    _ ref: EntryRef, isSeen: Bool, seenStep: UInt32, _ next: TouchStep, now: UInt64
  ) -> Bool {
    if stamp == 0 || isOver || length >= Limits.promptChunksMax { return true }
    if now >= lastAt + Limits.promptNanoseconds { return true }
    if ref == last { return false }
    if next.rawValue < step { return true }
    guard next == .ask else { return isSeen && seenStep >= next.rawValue }
    return isAsked && !isSeen
  }
}

/// A use of an entry, to be entered into the order later.
package struct Touch: Sendable {
  var entry: EntryRef
  /// The one before it in its prompt.
  var predecessor = EntryRef.none
  /// The last chunk of the client's prompt before this one, if that is over now, and how many it had.
  var finished = EntryRef.none
  var finishedLength: UInt16 = 0
  /// The prompt was looked up from here on.
  var isFirst = false
  /// The same prompt had touched it before.
  var isRepeat = false
  /// Used together with the one before it.
  var isWithinWalk = false
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

/// Names for prompts, no two lanes giving the same: 30 bits.
struct StampSource: Sendable {
  private static let mask: UInt32 = 1 << 30 - 1
  private var last: UInt32
  private let step: UInt32

  init(lane: Int, of laneCount: Int) {
    last = UInt32(lane)
    step = UInt32(laneCount)
  }

  mutating func next() -> UInt32 {
    last = (last + step) & Self.mask
    // 0 says "no prompt"; after a billion of them a name may return, which costs one its order.
    if last == 0 { last = step }
    return last
  }
}

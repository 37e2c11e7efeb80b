import Glibc

/// What a verb waits in. A slot's token (index and generation) travels through the driver instead of a pointer,
/// so that a completion which comes too late meets a newer generation and not the memory of another verb.
struct Slot {
  var generation: UInt32
  var nextFree: Int32
  var continuation: UnsafeContinuation<Int32, Never>?
  var deadline: UInt64
  var timerNext: Int32
  var timerPrevious: Int32
  var timerBucket: Int32
  var isSleep: Bool
  var isTimedOut: Bool
}

/// All slots of a loop, in memory that never moves.
struct SlotTable: ~Copyable {
  static let none: Int32 = -1

  let slots: UnsafeMutableBufferPointer<Slot>
  private var freeHead: Int32 = none
  private var unused: Int32 = 0
  private(set) var inUse = 0

  init(capacity: Int) {
    slots = .allocate(capacity: capacity)
  }

  deinit { slots.deallocate() }

  mutating func take() -> Int32 {
    inUse += 1
    if freeHead != Self.none {
      let index = freeHead
      freeHead = slots[Int(index)].nextFree
      return index
    }
    precondition(Int(unused) < slots.count, "more verbs wait on this loop than connections allow")
    (slots.baseAddress! + Int(unused)).initialize(
      to: Slot(
        generation: 1, nextFree: Self.none, continuation: nil, deadline: .max, timerNext: Self.none,
        timerPrevious: Self.none, timerBucket: Self.none, isSleep: false, isTimedOut: false))
    unused += 1
    return unused - 1
  }

  mutating func giveBack(_ index: Int32) {
    inUse -= 1
    // Not `&+=`: Swift 6.3 crashes on it under the thread sanitizer.
    slots[Int(index)].generation = slots[Int(index)].generation &+ 1
    slots[Int(index)].continuation = nil
    slots[Int(index)].isSleep = false
    slots[Int(index)].isTimedOut = false
    slots[Int(index)].nextFree = freeHead
    freeHead = index
  }

  func token(of index: Int32) -> UInt64 {
    UInt64(slots[Int(index)].generation) << 32 | UInt64(UInt32(bitPattern: index))
  }

  /// The slot that a token names, or nil when the slot has moved on.
  func index(of token: UInt64) -> Int32? {
    let index = Int32(bitPattern: UInt32(truncatingIfNeeded: token))
    guard index >= 0, index < unused, slots[Int(index)].generation == UInt32(token >> 32) else { return nil }
    return index
  }
}

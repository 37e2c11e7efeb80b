/// Coarse deadlines of a loop's slots: a wheel of lists, linked through the slots themselves.
struct TimerWheel: ~Copyable {
  static let tickNanoseconds: UInt64 = 4_000_000
  private static let bucketCount = 1024

  private let heads: UnsafeMutableBufferPointer<Int32>
  private var currentTick: UInt64
  /// Nothing expires before this tick. A removal may leave it too early, which costs one look.
  private var earliestTick = UInt64.max
  private(set) var count = 0

  init(now: UInt64) {
    heads = .allocate(capacity: Self.bucketCount)
    heads.initialize(repeating: SlotTable.none)
    currentTick = now / Self.tickNanoseconds
  }

  deinit { heads.deallocate() }

  mutating func add(_ index: Int32, deadline: UInt64, slots: UnsafeMutableBufferPointer<Slot>) {
    // Rounded up: a deadline is never early. What is due already fires with the next tick.
    let isWhole = deadline % Self.tickNanoseconds == 0
    let tick = max(deadline / Self.tickNanoseconds + (isWhole ? 0 : 1), currentTick &+ 1)
    let bucket = Int(tick % UInt64(Self.bucketCount))
    slots[Int(index)].deadline = tick
    slots[Int(index)].timerBucket = Int32(bucket)
    slots[Int(index)].timerPrevious = SlotTable.none
    slots[Int(index)].timerNext = heads[bucket]
    if heads[bucket] != SlotTable.none { slots[Int(heads[bucket])].timerPrevious = index }
    heads[bucket] = index
    earliestTick = min(earliestTick, tick)
    count += 1
  }

  mutating func remove(_ index: Int32, slots: UnsafeMutableBufferPointer<Slot>) {
    let slot = slots[Int(index)]
    guard slot.timerBucket != SlotTable.none else { return }
    if slot.timerPrevious == SlotTable.none {
      heads[Int(slot.timerBucket)] = slot.timerNext
    } else {
      slots[Int(slot.timerPrevious)].timerNext = slot.timerNext
    }
    if slot.timerNext != SlotTable.none { slots[Int(slot.timerNext)].timerPrevious = slot.timerPrevious }
    slots[Int(index)].timerBucket = SlotTable.none
    count -= 1
  }

  /// Takes out one slot whose deadline has passed; call until nil.
  mutating func popExpired(now: UInt64, slots: UnsafeMutableBufferPointer<Slot>) -> Int32? {
    let nowTick = now / Self.tickNanoseconds
    guard count > 0, nowTick >= earliestTick else { return nil }
    // One round of the wheel visits every bucket; more would visit them twice.
    if nowTick &- currentTick > UInt64(Self.bucketCount) { currentTick = nowTick &- UInt64(Self.bucketCount) }
    while currentTick <= nowTick {
      var index = heads[Int(currentTick % UInt64(Self.bucketCount))]
      while index != SlotTable.none {
        if slots[Int(index)].deadline <= nowTick {
          remove(index, slots: slots)
          return index
        }
        index = slots[Int(index)].timerNext
      }
      if currentTick == nowTick { break }
      currentTick += 1
    }
    earliestTick = firstOccupiedTick()
    return nil
  }

  func nextDeadline() -> UInt64 {
    guard count > 0 else { return .max }
    // The last tick ends after the last nanosecond that a number can hold.
    let (deadline, isBeyond) = earliestTick.multipliedReportingOverflow(by: Self.tickNanoseconds)
    return isBeyond ? .max : deadline
  }

  /// The first tick after now whose bucket holds anything; what it holds may belong to a later round.
  private func firstOccupiedTick() -> UInt64 {
    guard count > 0 else { return .max }
    // Not a for loop: in a debug build each of its steps allocates.
    var tick = currentTick + 1
    while tick <= currentTick + UInt64(Self.bucketCount) {
      if heads[Int(tick % UInt64(Self.bucketCount))] != SlotTable.none { return tick }
      tick += 1
    }
    return .max
  }
}

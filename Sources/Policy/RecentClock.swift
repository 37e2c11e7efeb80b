/// What the clock of touches said of late, by quarters of a second: so that it is known what was touched within the last two
/// seconds, without a time in each node.
struct RecentClock: Sendable {
  private var readings = InlineArray<9, UInt32>(repeating: 0)
  private var last: UInt64 = 0

  /// The first reading of a quarter of a second counts.
  mutating func note(tenths: UInt32, _ clock: UInt32) {
    let quarter = UInt64(tenths) * 2 / 5
    guard quarter > last else { return }
    // Not a for loop: in a debug build each of its steps may allocate.
    var step: UInt64 = 0
    while step < min(quarter - last, 9) {
      readings[Int((quarter - step) % 9)] = clock
      step += 1
    }
    last = quarter
  }

  /// As it was eight quarters before the last one began.
  var before: UInt32 { readings[Int((last + 1) % 9)] }
}

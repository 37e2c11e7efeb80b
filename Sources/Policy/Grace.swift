/// How much was spared of late, by periods of three tenths of a second: so that it is known what is within its two seconds of
/// grace, with a byte for it in each node.
struct Grace: Sendable {
  /// The present one, and those before it within which a chunk is spared.
  private static let periods = 8
  private static let periodTenths: UInt32 = 3

  private var grants = InlineArray<8, Int>(repeating: 0)
  /// What the clock of touches said when each began.
  private var readings = InlineArray<8, UInt32>(repeating: 0)
  private var period: UInt32 = 0
  /// How many chunks are spared, or were and have gone.
  private(set) var granted = 0

  mutating func note(tenths: UInt32, _ clock: UInt32) {
    let now = tenths / Self.periodTenths
    guard now > period else { return }
    // Not a for loop: in a debug build each of its steps may allocate.
    var left = Int(min(now - period, UInt32(Self.periods)))
    period = now
    while left > 0 {
      left -= 1
      let place = (Int(now) - left) & (Self.periods - 1)
      readings[place] = clock
      granted -= grants[place]
      grants[place] = 0
    }
  }

  /// One more is spared. Since when, as its node says it; never 0.
  mutating func grant() -> UInt8 {
    grants[Int(period) & (Self.periods - 1)] += 1
    granted += 1
    return mark
  }

  private var mark: UInt8 { UInt8(period % 255) + 1 }

  /// Whether a chunk that was touched then is within the two seconds that began with this mark.
  func isSpared(since mark: UInt8, touchedAt: UInt32, at clock: UInt32) -> Bool {
    // Marks come again: what was not touched in the meantime is not meant.
    let oldest = readings[Int(period + 1) & (Self.periods - 1)]
    guard mark != 0, clock &- touchedAt <= clock &- oldest else { return false }
    return (Int(self.mark) - Int(mark) + 255) % 255 < Self.periods
  }
}

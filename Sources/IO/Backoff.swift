/// Pauses between tries: short at first, twice as long after each, up to a most.
package struct Backoff {
  private let least: UInt64
  private let most: UInt64
  private var nanoseconds: UInt64

  package init(nanoseconds: ClosedRange<UInt64>) {
    least = nanoseconds.lowerBound
    most = nanoseconds.upperBound
    self.nanoseconds = least
  }

  package mutating func next() -> UInt64 {
    defer { nanoseconds = min(2 * nanoseconds, most) }
    return nanoseconds
  }

  /// After a success.
  package mutating func reset() { nanoseconds = least }
}

import Base

/// How long clients took of late from a look-up to the fetch: over the window that is open and the one before it.
struct GapWindow: Sendable {
  private static let windowSeconds: UInt32 = 30

  private var openedAt: UInt32 = 0
  private var countsAtOpening = [UInt64](repeating: 0, count: Histogram.boundCount + 1)
  private var secondsBefore: UInt32 = 0

  /// `cumulative` tells for each bound of a histogram how many gaps since the start were no longer. In seconds, how long all
  /// but one in a thousand were.
  mutating func observe(at second: UInt32, cumulative: (Int) -> UInt64) -> UInt32 {
    let counts = (0...Histogram.boundCount).map(cumulative)
    let now = Self.seconds(counts, since: countsAtOpening)
    let longest = max(now, secondsBefore)
    if second >= openedAt &+ Self.windowSeconds {
      (openedAt, countsAtOpening, secondsBefore) = (second, counts, now)
    }
    return longest
  }

  private static func seconds(_ counts: [UInt64], since start: [UInt64]) -> UInt32 {
    let total = counts[Histogram.boundCount] - start[Histogram.boundCount]
    guard total > 0 else { return 0 }
    let wanted = total - total / 1000
    let bound = counts.indices.first { counts[$0] - start[$0] >= wanted } ?? Histogram.boundCount
    // Beyond the last bound there is only "longer".
    guard bound < Histogram.boundCount else { return UInt32.max }
    return UInt32((Histogram.boundNanoseconds(bound) + 999_999_999) / 1_000_000_000)
  }
}

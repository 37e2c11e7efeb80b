import Base

/// How long clients took of late from a look-up to the fetch: over the window that is open and the one before it.
/// It allocates nothing: it is asked for every second.
struct GapWindow: Sendable {
  typealias Counts = Histogram.Counts
  private static let windowSeconds: UInt32 = 30

  private var openedAt: UInt32 = 0
  private var countsAtOpening = Counts(repeating: 0)
  private var secondsBefore: UInt32 = 0

  /// In seconds, how long all but one in a thousand were.
  mutating func observe(at second: UInt32, _ counts: Counts) -> UInt32 {
    let now = Self.seconds(counts, since: countsAtOpening)
    let longest = max(now, secondsBefore)
    if second >= openedAt &+ Self.windowSeconds {
      (openedAt, countsAtOpening, secondsBefore) = (second, counts, now)
    }
    return longest
  }

  private static func seconds(_ counts: Counts, since start: Counts) -> UInt32 {
    var (bound, total): (Int, UInt64) = (0, 0)
    while bound < counts.count {
      total += counts[bound] - start[bound]
      bound += 1
    }
    guard total > 0 else { return 0 }
    let wanted = total - total / 1000
    var seen = counts[0] - start[0]
    bound = 0
    while seen < wanted {
      bound += 1
      seen += counts[bound] - start[bound]
    }
    // Beyond the last bound there is only "longer".
    guard bound < Histogram.boundCount else { return UInt32.max }
    return UInt32((Histogram.boundNanoseconds(bound) + 999_999_999) / 1_000_000_000)
  }
}

import Base

/// What one lane did. Written by its loop alone, read by any thread.
package struct LaneCounters: ~Copyable, Sendable {
  package let hits = Counter()
  package let hitBytes = Counter()
  /// Of those, what a device was read for.
  package let diskHits = Counter()
  package let diskHitBytes = Counter()
  package let misses = Counter()
  package let existHits = Counter()
  package let existMisses = Counter()
  package let leasesGranted = Counter()
  /// Look-ups of chunks that were there, but might have gone before they were fetched.
  package let leasesRefused = Counter()
  /// GETs that missed within what their client was told: it was evicted, which has to stay 0; or a client took it away.
  package let leasesBroken = Counter()
  package let leasesWithdrawn = Counter()
  /// The same, of what had been fetched since.
  package let missesAfterFetch = Counter()
  /// From the look-up to the fetch.
  package let gaps = Histogram()
  /// From the last use of a chunk to its fetch, and from its eviction to the next wish for it. In the histogram's
  /// microseconds, which stand for seconds.
  package let reuseGaps = Histogram()
  package let evictReuseGaps = Histogram()
  package let published = Counter()
  package let publishedBytes = Counter()
  package let overwrites = Counter()
  /// Of those, chunks of a model whose length was another before.
  package let resized = Counter()
  package let removed = Counter()
  /// Entries whose own time had come.
  package let expired = Counter()
  package let waits = Counter()
  /// Old values taken away because a dropped overwrite had another shape.
  package let staleRemoved = Counter()
  private let drops = InlineArray<12, Counter> { _ in Counter() }

  init() { precondition(drops.count == DropReason.allCases.count, "a counter a reason") }

  package func drops(_ reason: DropReason) -> UInt64 { drops[reason.rawValue].value }

  package func countDrop(_ reason: DropReason) { drops[reason.rawValue].add() }
}

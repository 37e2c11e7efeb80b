import Base
import Synchronization

/// How long the turns of a loop take. Written by its loop only, read by any thread.
package struct LoopLag: ~Copyable, Sendable {
  package let turns = Histogram()
  private let windowStart = Atomic<UInt64>(0)
  private let longest = Atomic<UInt64>(0)
  private let longestBefore = Atomic<UInt64>(0)

  /// The longest turn of late: of this window and the one before it.
  package var longestNanoseconds: UInt64 {
    max(longest.load(ordering: .relaxed), longestBefore.load(ordering: .relaxed))
  }

  func note(from start: UInt64, to end: UInt64) {
    let nanoseconds = end > start ? end - start : 0
    turns.record(nanoseconds: nanoseconds)
    if end > windowStart.load(ordering: .relaxed) + Limits.lagWindowNanoseconds {
      windowStart.store(end, ordering: .relaxed)
      longestBefore.store(longest.load(ordering: .relaxed), ordering: .relaxed)
      longest.store(0, ordering: .relaxed)
    }
    if nanoseconds > longest.load(ordering: .relaxed) { longest.store(nanoseconds, ordering: .relaxed) }
  }
}

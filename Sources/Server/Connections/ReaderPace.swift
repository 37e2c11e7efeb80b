import Base

/// Whether a client takes what is held for it. One that takes hardly anything keeps values from being evicted for as long
/// as it likes, and is let go when others need them.
struct ReaderPace {
  /// When it last had taken `Limits.slowReaderBytes` more.
  private var markedAt: UInt64 = 0
  private var takenSince = 0

  /// There is something to take, after there was nothing.
  mutating func begin(now: UInt64) { (markedAt, takenSince) = (now, 0) }

  mutating func took(_ bytes: Int, now: UInt64) {
    takenSince += bytes
    if takenSince >= Limits.slowReaderBytes { begin(now: now) }
  }

  func isSlow(now: UInt64) -> Bool { now >= markedAt + Limits.slowReaderNanoseconds }
}

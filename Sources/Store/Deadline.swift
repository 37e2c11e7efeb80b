import Base

/// When an entry ends by itself. Six bytes of milliseconds outlast every uptime.
extension Entry.StripePart {
  private static let deadlineMax: UInt64 = 1 << 48 - 1

  /// In milliseconds of the clock that `now` is from; 0 is never.
  var deadline: UInt64 {
    get { UInt64(deadlineHigh) << 32 | UInt64(deadlineLow) }
    set {
      let bounded = min(newValue, Self.deadlineMax)
      deadlineHigh = UInt16(truncatingIfNeeded: bounded >> 32)
      deadlineLow = UInt32(truncatingIfNeeded: bounded)
    }
  }

  @inline(__always)
  func hasExpired(at now: UInt64) -> Bool {
    guard deadlineLow != 0 || deadlineHigh != 0 else { return false }
    return EntryDeadline.milliseconds(now) >= deadline
  }
}

/// Deadlines as entries keep them: milliseconds of the clock that `now` is from. 0 is none.
package enum EntryDeadline {
  package static func milliseconds(_ nanoseconds: UInt64) -> UInt64 { nanoseconds / 1_000_000 }

  /// Never 0, which is no deadline.
  package static func at(_ nanoseconds: UInt64) -> UInt64 { max(1, milliseconds(nanoseconds)) }

  /// The one that comes first, 0 being none.
  package static func sooner(_ one: UInt64, _ other: UInt64) -> UInt64 {
    one == 0 ? other : other == 0 ? one : min(one, other)
  }
}

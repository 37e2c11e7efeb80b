import Base

/// What clients were told of an entry. Under the lock of its stripe.
///
/// A series of asks begins with the first one and ends with a fetch. The entry is held, safe from eviction, through the
/// last second that a client was told, but never longer than `--lease` after the first ask of the series: asking alone holds
/// no room for long.
struct Promise {
  /// The last second through which a client was told that the entry is here; 0 is never.
  var through: UInt32 = 0
  /// When the series began; 0 where nothing is held.
  var firstAsked: UInt32 = 0
  /// The last ask, in milliseconds of a clock that wraps.
  var askedAt: UInt32 = 0
  /// The walk in which it was asked for last.
  var walk: UInt32 = 0
  /// Who asked and has not fetched, a bit a client; several clients may share a bit.
  var askers: UInt16 = 0
  /// The connection whose ask began the series, until a fetch.
  var account = AskerAccounts.none

  /// The last second through which it is held by what was told alone.
  func heldThrough(leaseSeconds: UInt32) -> UInt32 {
    firstAsked == 0 ? 0 : min(through, firstAsked + leaseSeconds)
  }

  /// Clients that never come do not spoil the series of those that do: where one has fetched, and what the others were told
  /// is over, the next ask begins anew.
  func isOverAfterFetch(at second: UInt32) -> Bool { account == AskerAccounts.fetched && through < second }

  /// Forgets clients whose time is over.
  mutating func forgetLate(at second: UInt32) {
    guard through < second else { return }
    if isOverAfterFetch(at: second) { (firstAsked, account) = (0, AskerAccounts.none) }
    askers = 0
  }

  /// Whether a client knows it already, and a series is open.
  @inline(__always)
  func isTold(to asker: UInt16, through second: UInt32) -> Bool {
    firstAsked != 0 && through >= second && askers & asker != 0
  }

  /// Whether a look-up has said yes, and its client has not fetched since.
  var isAwaited: Bool { askers != 0 }

  /// Loops' clocks differ by a turn: the fetch may seem to come before the ask.
  func nanosecondsSinceAsked(_ now: UInt64) -> UInt64 {
    UInt64(max(0, Int32(bitPattern: Self.milliseconds(now) &- askedAt))) * 1_000_000
  }

  static func milliseconds(_ nanoseconds: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: nanoseconds / 1_000_000) }
}

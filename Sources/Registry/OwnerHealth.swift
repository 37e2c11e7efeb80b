import Base

/// The result of an owner's checks. An owner counts as gone after several failures over some time, and as back after
/// one success.
struct OwnerHealth {
  private var failures = 0
  private var firstFailure: UInt64 = 0

  enum Verdict {
    case alive, failing, gone
  }

  private(set) var verdict = Verdict.alive

  mutating func note(isReachable: Bool, now: UInt64) {
    guard !isReachable else {
      self = OwnerHealth()
      return
    }
    if failures == 0 { firstFailure = now }
    failures += 1
    let isGone =
      failures >= Limits.ownerFailuresMin && now - firstFailure >= Limits.ownerFailingNanosecondsMin
    verdict = isGone ? .gone : .failing
  }
}

import Base

/// What checks have found of an owner. It takes several failures over some time to believe that it is gone, and one
/// success to believe that it is back.
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

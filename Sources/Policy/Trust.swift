/// Whether what was learnt is believed. Where the order of last use would have found more for a while, it decides instead, for a
/// time that grows with each time that this happens: prompts that cannot be told apart teach nothing.
struct Trust: Sendable {
  /// How many chunks more the order of last use would have found.
  private(set) var deficit = 0
  private(set) var isLost = false
  /// When the present state began, and how long distrust lasts, in turn-overs.
  private var since: UInt32 = 0
  private var rest = PolicyLimits.distrustMin

  /// A chunk of the sample, which stands for so many.
  mutating func note(isFound: Bool, wouldBeFound: Bool, weight: Int, fitting room: Int, at clock: UInt32) {
    let age = Int(clock &- since)
    if isLost {
      guard age >= rest * max(room, 1) else { return }
      (isLost, since, deficit) = (false, clock, 0)
      rest = min(2 * rest, PolicyLimits.distrustMax)
      return
    }
    deficit = max(-room / PolicyLimits.creditShare, deficit + ((wouldBeFound ? 1 : 0) - (isFound ? 1 : 0)) * weight)
    if deficit > max(room / PolicyLimits.deficitShare, PolicyLimits.deficitMin) {
      (isLost, since) = (true, clock)
    } else if age >= PolicyLimits.distrustMax * max(room, 1) {
      rest = PolicyLimits.distrustMin
    }
  }
}

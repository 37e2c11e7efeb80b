/// What the lanes of a target do in the next round. Written between rounds.
final class RoundPlan: @unchecked Sendable {
  var span = RoundSpan.count(0)
  /// The measured time before it.
  var earlierNanoseconds: UInt64 = 0
}

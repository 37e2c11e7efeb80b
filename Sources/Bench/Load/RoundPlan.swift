/// What the lanes of a target are to do in the next round. Written between rounds.
final class RoundPlan: @unchecked Sendable {
  var span = RoundSpan.count(0)
  /// How much measured time was before it.
  var earlierNanoseconds: UInt64 = 0
}

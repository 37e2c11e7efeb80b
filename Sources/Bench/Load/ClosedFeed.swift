/// A closed loop: a connection that has finished its batch gets the next, until time or count runs out.
final class ClosedFeed: Feed {
  let fillsGaps = false
  let waitsForClock = false
  private var sequence: OperationSequence
  private var deadline: UInt64 = 0
  private var left = 0

  init(_ sequence: OperationSequence) { self.sequence = sequence }

  /// The keys of the next round.
  func move(to keys: Range<Int>) { sequence.move(to: keys) }

  func begin(_ span: RoundSpan, at now: UInt64) {
    switch span {
    case .nanoseconds(let length): (deadline, left) = (now + length, Int.max)
    case .count(let count): (deadline, left) = (UInt64.max, count)
    }
  }

  func next(for connection: Int, at now: UInt64) -> Job? {
    guard left > 0, now < deadline else { return nil }
    left -= 1
    return sequence.next(due: now)
  }

  func ended(_ job: Job, on connection: Int, wasThere: Bool, at now: UInt64) {}
  func nextDue(at now: UInt64) -> UInt64? { nil }
  func end(at now: UInt64) {}
}

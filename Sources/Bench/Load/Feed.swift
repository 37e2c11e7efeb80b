/// Says what the connections of a lane do next. Knows no sockets and no clock: it is told what time it is.
protocol Feed: AnyObject {
  func begin(_ span: RoundSpan, at now: UInt64)

  /// The next operation for a connection that has room for it; nil when there is none now.
  func next(for connection: Int, at now: UInt64) -> Job?

  func ended(_ job: Job, on connection: Int, wasThere: Bool, at now: UInt64)

  /// The moment from which `next` has something although nothing has ended in between. Nil: it never will.
  func nextDue(at now: UInt64) -> UInt64?

  /// No more comes in this round.
  func end(at now: UInt64)

  /// True where work goes to any connection with room, one operation each. False where a connection works a batch
  /// off before it is given the next: depth 16 then means sixteen at once, not always sixteen under way.
  var fillsGaps: Bool { get }
  /// True where work appears by the clock.
  var waitsForClock: Bool { get }
}

/// How far a round goes.
enum RoundSpan: Equatable, Sendable {
  case nanoseconds(UInt64)
  /// Operations, or prompts of a session.
  case count(Int)
}

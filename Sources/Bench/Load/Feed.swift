/// Decides what the connections of a lane do next. It has no sockets and no clock; the caller passes the time.
protocol Feed: AnyObject {
  func begin(_ span: RoundSpan, at now: UInt64)

  /// The next operation for a connection that has room; nil when there is none now.
  func next(for connection: Int, at now: UInt64) -> Job?

  func ended(_ job: Job, on connection: Int, wasThere: Bool, at now: UInt64)

  /// When `next` will have an operation even if none ends before. Nil: never.
  func nextDue(at now: UInt64) -> UInt64?

  /// The round is over: no more operations are taken from this feed.
  func end(at now: UInt64)

  /// True: every connection with room gets operations one by one. False: a connection finishes its batch before it gets
  /// the next, so depth 16 means sixteen sent at once, not always sixteen under way.
  var fillsGaps: Bool { get }
  /// True if operations fall due by the clock.
  var waitsForClock: Bool { get }
}

/// The length of a round.
enum RoundSpan: Equatable, Sendable {
  case nanoseconds(UInt64)
  /// Operations, or prompts of a session.
  case count(Int)
}

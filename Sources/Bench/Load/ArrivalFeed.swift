import Base

/// An open loop: operations are due by the schedule, and their latency counts from then. An operation that finds every
/// connection full waits, and the wait is part of its latency, so a stalled server pays for all requests due meanwhile.
final class ArrivalFeed: Feed {
  let fillsGaps = true
  let waitsForClock = true
  private var sequence: OperationSequence
  private var schedule: ArrivalSchedule
  private let recorder: Recorder
  private var start: UInt64 = 0
  private var length: UInt64 = 0
  private var left = 0

  init(_ sequence: OperationSequence, _ schedule: ArrivalSchedule, recorder: Recorder) {
    self.sequence = sequence
    self.schedule = schedule
    self.recorder = recorder
  }

  func begin(_ span: RoundSpan, at now: UInt64) {
    start = now
    schedule.restart()
    switch span {
    case .nanoseconds(let nanoseconds): (length, left) = (nanoseconds, Int.max)
    case .count(let count): (length, left) = (UInt64.max / 4, count)
    }
  }

  func next(for connection: Int, at now: UInt64) -> Job? {
    guard let due = nextDue(at: now), due <= now else { return nil }
    if now - due > Limits.benchLateNanoseconds { recorder.countLate() }
    return take(due)
  }

  func nextDue(at now: UInt64) -> UInt64? {
    guard left > 0, schedule.nextDue < length, now < patienceEnd else { return nil }
    return start + schedule.nextDue
  }

  func ended(_ job: Job, on connection: Int, wasThere: Bool, at now: UInt64) {}

  /// Counts the operations that were due and found no room, with the wait so far.
  func end(at now: UInt64) {
    while left > 0, schedule.nextDue < length, start + schedule.nextDue <= now {
      let job = take(start + schedule.nextDue)
      recorder.countUnsent(job.operation, due: job.due, now: now)
    }
  }

  private func take(_ due: UInt64) -> Job {
    schedule.advance()
    left -= 1
    return sequence.next(due: due)
  }

  /// Operations that still wait at the end of the round get as long again: enough for a stall, not for a server that
  /// cannot keep up.
  private var patienceEnd: UInt64 { start + 2 * length }
}

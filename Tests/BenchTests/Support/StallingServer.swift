@testable import Bench

/// A server with its own clock: it answers one operation after the other, each in the same time, and stalls for a
/// while. Drives a feed as a lane does.
struct StallingServer {
  let serviceNanoseconds: UInt64
  let stall: Range<UInt64>
  let connections: Int

  /// Latency of every operation, in the order of the answers.
  func run(_ feed: any Feed, _ recorder: Recorder, _ span: RoundSpan) -> [UInt64] {
    var now: UInt64 = 0
    var waiting: [(connection: Int, job: Job)] = []
    var free = Array((0..<connections).reversed())
    var latencies: [UInt64] = []
    recorder.isRecording = true
    recorder.beginRound(at: 0, after: 0)
    feed.begin(span, at: 0)
    while true {
      while let connection = free.last, let job = feed.next(for: connection, at: now) {
        waiting.append((connection, job))
        free.removeLast()
      }
      if waiting.isEmpty {
        guard let due = feed.nextDue(at: now) else { break }
        now = max(now, due)
        continue
      }
      let (connection, job) = waiting.removeFirst()
      let done = end(of: now)
      // Requests that fall due meanwhile take the free room.
      while !free.isEmpty, let due = feed.nextDue(at: now), due < done {
        now = max(now, due)
        guard let connection = free.last, let job = feed.next(for: connection, at: now) else { break }
        waiting.append((connection, job))
        free.removeLast()
      }
      now = max(now, done)
      recorder.record(job.operation, due: job.due, now: now, bytes: 0, wasThere: true)
      feed.ended(job, on: connection, wasThere: true, at: now)
      latencies.append(now - job.due)
      free.append(connection)
    }
    feed.end(at: now)
    return latencies
  }

  private func end(of start: UInt64) -> UInt64 {
    stall.contains(start) ? stall.upperBound + serviceNanoseconds : start + serviceNanoseconds
  }
}

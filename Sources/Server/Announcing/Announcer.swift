import Base
import IO
import Store
import Synchronization
import TLS
import Wire

/// Tells another registry which chunks are here, under the peer's address, and withdraws them when they go. Off the
/// way of requests: the store logs what happens to keys, and this reads the log.
///
/// What is told may be late, and after a failure wrong for a while. A connection begins with telling everything; a GET at
/// the peer that finds nothing is logged as well, so a stale entry misleads once at most.
final class Announcer {
  private let worker: Worker
  private let target: RedisURL
  private let changes: ChangeLog
  private var announcement: Announcement
  private var batch = ChangeBatch(countMax: Limits.announceBatchMax)
  /// Behind the last change that was carried: a lost connection loses none.
  private var position = ChangeLog.Position()
  private var rests = Backoff(nanoseconds: Limits.announceRestNanosecondsMin...Limits.announceRestNanosecondsMax)

  private var loop: EventLoop { worker.loop }
  private var metrics: AnnouncerMetrics { worker.announcerMetrics }

  init(worker: Worker, target: RedisURL, changes: ChangeLog, address: [UInt8]) {
    self.worker = worker
    self.target = target
    self.changes = changes
    announcement = Announcement(address: address)
  }

  func run() async {
    while !worker.isDraining {
      do throws(RedisConnection.Failure) {
        try await converse()
      } catch {
        metrics.isConnected.store(false, ordering: .relaxed)
        metrics.failures.add()
        worker.limiter.write(
          .warning, reason: "announce", now: loop.now, to: worker.server.log, "announcing chunks fails; trying again",
          ["registry": .text(target.address.text), "reason": .text(error.reason)])
        await rest(rests.next())
      }
    }
    metrics.isConnected.store(false, ordering: .relaxed)
  }

  /// From a connection's beginning to the server's end; a failure ends it earlier.
  private func converse() async throws(RedisConnection.Failure) {
    let connection = try await RedisConnection(
      to: target, trusting: worker.server.sharing.lookupTrust?.context, on: loop)
    try await tellEverything(.here, connection)
    metrics.isConnected.store(true, ordering: .relaxed)
    worker.limiter.write(
      .info, reason: "announced", now: loop.now, to: worker.server.log, "chunks are announced",
      ["registry": .text(target.address.text)])
    rests.reset()
    while !worker.isDraining {
      var next = position
      guard changes.read(&batch, from: &next) else {
        position = next
        metrics.overflows.add()
        try await tellEverything(.here, connection)
        continue
      }
      if batch.count == 0 { await rest(Limits.announceEveryNanoseconds) }
      try await tellBatch(connection)
      // Only now: told twice is harmless, not told is not.
      position = next
    }
    // From now on the peer's address does not answer.
    try await tellEverything(.gone, connection, until: loop.now + Limits.withdrawNanoseconds)
  }

  // MARK: Telling

  private func tellBatch(_ connection: RedisConnection) async throws(RedisConnection.Failure) {
    announcement.clear()
    batch.forEach { change, key in
      guard let news = News(change, keyLength: key.count) else { return }
      announcement.add(news, key)
      count(news, 1)
    }
    if announcement.count > 0 { try await connection.carry(announcement) }
  }

  private func tellEverything(
    _ news: News, _ connection: RedisConnection, until deadline: UInt64 = EventLoop.never
  ) async throws(RedisConnection.Failure) {
    if news == .here { metrics.complete.add() }
    for stripe in 0..<Lane.stripeCount {
      var keys: [UInt8] = []
      var ends: [Int] = []
      worker.lane.forEachKey(stripe: stripe, kind: .withMeta, now: loop.now) { key in
        key.withUnsafeBytes { keys.append(contentsOf: $0) }
        ends.append(keys.count)
      }
      var position = 0
      while position < ends.count {
        guard loop.now < deadline, news == .gone || !worker.isDraining else { return }
        announcement.clear()
        for end in ends[position..<min(position + Limits.announceBatchMax, ends.count)] {
          announcement.add(news, keys[(position == 0 ? 0 : ends[position - 1])..<end])
          position += 1
        }
        count(news, announcement.count)
        try await connection.carry(announcement)
      }
    }
  }

  private func count(_ news: News, _ keys: Int) {
    switch news {
    case .here: metrics.published.add(keys)
    case .gone: metrics.withdrawn.add(keys)
    }
  }

  /// In short sleeps, for the server's end waits for it.
  private func rest(_ nanoseconds: UInt64) async {
    let wake = loop.now + nanoseconds
    while loop.now < wake, !worker.isDraining {
      await loop.sleep(nanoseconds: min(wake - loop.now, Limits.housekeepingNanoseconds))
    }
  }
}

/// What the announcer did. Written by its loop only, read by any thread.
package final class AnnouncerMetrics: Sendable {
  package let published = Counter()
  package let withdrawn = Counter()
  /// Times that everything was announced: at each connection, and when news was lost.
  package let complete = Counter()
  package let overflows = Counter()
  package let failures = Counter()
  package let isConnected = Atomic<Bool>(false)
}

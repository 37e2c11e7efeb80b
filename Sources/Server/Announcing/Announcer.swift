import Base
import IO
import Store
import Synchronization

/// Tells somebody else's registry which chunks are here, under the peer's address, and withdraws them when they go. Off the
/// way of requests: the store notes what happens to keys, and this reads the notes.
///
/// What is told may be late, and after a failure wrong for a while. A connection begins with telling everything; a GET at
/// the peer that finds nothing is itself news, so a stale entry leads nobody astray twice.
final class Announcer {
  private let worker: Worker
  private let target: RedisURL
  private let changes: ChangeQueue
  private var announcement: Announcement
  /// Taken from the store and not carried yet: kept when a connection is lost.
  private var notes: [UInt8] = []
  private var noteOffset = 0
  private var restNanoseconds = Limits.announceRestNanosecondsMin

  private var loop: EventLoop { worker.loop }
  private var metrics: AnnouncerMetrics { worker.announcerMetrics }

  init(worker: Worker, target: RedisURL, changes: ChangeQueue, address: [UInt8]) {
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
        await rest(restNanoseconds)
        restNanoseconds = min(2 * restNanoseconds, Limits.announceRestNanosecondsMax)
      }
    }
    metrics.isConnected.store(false, ordering: .relaxed)
  }

  /// From a connection's beginning to the server's end; a failure ends it earlier.
  private func converse() async throws(RedisConnection.Failure) {
    let connection = try await connect()
    try await tellEverything(.published, connection)
    metrics.isConnected.store(true, ordering: .relaxed)
    worker.server.log.info("chunks are announced", ["registry": .text(target.address.text)])
    restNanoseconds = Limits.announceRestNanosecondsMin
    while !worker.isDraining {
      try await tellNotes(connection)
      if changes.take(into: &notes) {
        noteOffset = 0
        if notes.isEmpty { await rest(Limits.announceEveryNanoseconds) }
      } else {
        (notes, noteOffset) = ([], 0)
        metrics.overflows.add()
        try await tellEverything(.published, connection)
      }
    }
    // Nobody will answer at the peer's address from now on.
    try await tellEverything(.gone, connection, until: loop.now + Limits.withdrawNanoseconds)
  }

  private func connect() async throws(RedisConnection.Failure) -> RedisConnection {
    guard let host = await NameLookup.address(of: target.address.host) else { throw .io(.unreachable) }
    let connection = try await RedisConnection(to: SocketAddress(host, port: target.address.port), on: loop)
    var greeting = Announcement(address: [])
    if let password = target.password {
      let user = target.user.isEmpty ? [] : [Array(target.user.utf8)]
      greeting.add([Array("AUTH".utf8)] + user + [Array(password.utf8)])
    }
    greeting.add([Array("SELECT".utf8), Array("\(target.database)".utf8)])
    try await connection.carry(greeting)
    return connection
  }

  // MARK: Telling

  private func tellNotes(_ connection: RedisConnection) async throws(RedisConnection.Failure) {
    while noteOffset < notes.count {
      announcement.clear()
      var next = noteOffset
      while announcement.count < Limits.announceBatchMax, let note = ChangeQueue.note(in: notes, at: next) {
        announcement.add(note.change, notes[note.key])
        count(note.change, 1)
        next = note.next
      }
      try await connection.carry(announcement)
      // Only now: told twice is harmless, not told is not.
      noteOffset = next
    }
  }

  private func tellEverything(
    _ change: KeyChange, _ connection: RedisConnection, until deadline: UInt64 = EventLoop.never
  ) async throws(RedisConnection.Failure) {
    if change == .published { metrics.complete.add() }
    for stripe in 0..<Lane.stripeCount {
      var keys: [UInt8] = []
      var ends: [Int] = []
      worker.lane.forEachKey(stripe: stripe, kind: .withMeta, now: loop.now) { key in
        key.withUnsafeBytes { keys.append(contentsOf: $0) }
        ends.append(keys.count)
      }
      var position = 0
      while position < ends.count {
        guard loop.now < deadline, change == .gone || !worker.isDraining else { return }
        announcement.clear()
        for end in ends[position..<min(position + Limits.announceBatchMax, ends.count)] {
          announcement.add(change, keys[(position == 0 ? 0 : ends[position - 1])..<end])
          position += 1
        }
        count(change, announcement.count)
        try await connection.carry(announcement)
      }
    }
  }

  private func count(_ change: KeyChange, _ keys: Int) {
    switch change {
    case .published: metrics.published.add(keys)
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

import Base
import Glibc

/// One thread's share of a load. It serves all its connections, so they do not compete for the client's core. The main
/// thread and the lane's thread use it in turn; the gate separates the turns.
final class Lane: @unchecked Sendable {
  let feed: any Feed
  let recorder: Recorder
  private(set) var failure: Failure?
  private(set) var finished: UInt64 = 0
  private let connections: [Connection]
  private let poller: Poller
  private let spins: Bool
  /// Stays alive as long as the connections that use it.
  private let landing: Landing
  /// The connection that gets the next arrival.
  private var turn = 0

  init(
    _ descriptors: [Int32], _ vocabulary: Vocabulary, _ feed: any Feed, _ recorder: Recorder, pattern: Pattern,
    depth: Int, _ landing: Landing, _ stretches: [UnsafeMutableRawBufferPointer], _ options: Options
  ) throws(Failure) {
    self.landing = landing
    self.feed = feed
    self.recorder = recorder
    spins = options.spins
    poller = try Poller()
    connections = descriptors.enumerated().map { index, descriptor in
      Connection(
        index: index, descriptor: descriptor, vocabulary: vocabulary, pattern: pattern, recorder: recorder, feed: feed,
        depth: depth, stretch: stretches[index], options: options)
    }
    for connection in connections { poller.add(connection.descriptor, index: connection.index) }
  }

  /// Runs one round; `after` is the measured time before it.
  func run(_ span: RoundSpan, after earlier: UInt64) {
    let now = MonotonicClock.now()
    recorder.beginRound(at: now, after: earlier)
    feed.begin(span, at: now)
    do throws(Failure) { try serve(from: now) } catch { failure = error }
    finished = MonotonicClock.now()
    feed.end(at: finished)
  }

  private func serve(from start: UInt64) throws(Failure) {
    var heard = start
    var now = start
    try hand(out: now)
    while true {
      let due = feed.nextDue(at: now)
      let isBusy = connections.contains { !$0.isIdle }
      guard isBusy || due != nil else { return }
      if try wait(until: due, now) { heard = MonotonicClock.now() }
      now = MonotonicClock.now()
      if !isBusy { heard = now }
      guard now - heard < UInt64(Limits.benchSilenceSecondsMax) * 1_000_000_000 else {
        throw Failure("nothing moved for \(Limits.benchSilenceSecondsMax) s")
      }
      if feed.waitsForClock { try hand(out: now) }
    }
  }

  // MARK: - Giving work

  private func hand(out now: UInt64) throws(Failure) {
    guard feed.fillsGaps else {
      for connection in connections where connection.isIdle { try refill(connection, now) }
      return
    }
    while let connection = nextWithRoom(), let job = feed.next(for: connection.index, at: now) {
      connection.append(job)
      connection.endBurst()
      try flush(connection)
    }
  }

  private func nextWithRoom() -> Connection? {
    for _ in connections.indices {
      let connection = connections[turn]
      turn = turn + 1 == connections.count ? 0 : turn + 1
      if connection.room > 0 { return connection }
    }
    return nil
  }

  /// Fills a connection that has no operations under way.
  private func refill(_ connection: Connection, _ now: UInt64) throws(Failure) {
    var room = connection.room
    while room > 0, let job = feed.next(for: connection.index, at: now) {
      connection.append(job)
      room -= 1
    }
    guard !connection.isIdle else { return }
    connection.endBurst()
    try flush(connection)
  }

  private func flush(_ connection: Connection) throws(Failure) {
    try connection.flush()
    guard connection.hasUnsent != connection.isWatchedForSpace else { return }
    connection.isWatchedForSpace = connection.hasUnsent
    poller.watch(connection.descriptor, index: connection.index, wantsSpace: connection.hasUnsent)
  }

  // MARK: - Waiting

  /// True if there was progress.
  private func wait(until due: UInt64?, _ now: UInt64) throws(Failure) -> Bool {
    // A single connection needs no poller.
    let canWaitAlone = connections.count == 1 && !feed.waitsForClock && !connections[0].hasUnsent
    if canWaitAlone, spins || !connections[0].waitsForPieces { return try waitAlone() }
    if spins {
      var moved = false
      for connection in connections where !connection.isIdle { moved = try go(on: connection) || moved }
      return moved
    }
    let silence = UInt64(Limits.benchSilenceSecondsMax) * 1_000_000_000
    var patience = silence
    if let due { patience = due > now ? due - now : canTakeMore ? 0 : silence }
    let count = poller.wait(nanoseconds: patience)
    for position in 0..<count { _ = try go(on: connections[poller.index(position)]) }
    return count > 0
  }

  private func waitAlone() throws(Failure) -> Bool {
    let connection = connections[0]
    let heard = connection.heardAt
    try connection.receive(waits: !spins)
    if connection.isIdle { try refill(connection, connection.heardAt) }
    return connection.heardAt != heard
  }

  private var canTakeMore: Bool { connections.contains { feed.fillsGaps ? $0.room > 0 : $0.isIdle } }

  /// Receives what has arrived and sends what is queued; true if something was received.
  private func go(on connection: Connection) throws(Failure) -> Bool {
    let heard = connection.heardAt
    if connection.hasUnsent { try flush(connection) }
    try connection.receive(waits: false)
    let hasHeard = connection.heardAt != heard
    if connection.isIdle, hasHeard, !feed.fillsGaps { try refill(connection, connection.heardAt) }
    return hasHeard
  }
}

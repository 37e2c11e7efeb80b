import Base
import Glibc
import IO
import Store
import Wire

/// One `lm` client, from its first request to its end. Requests are answered in the order in which they came.
///
/// All requests that have arrived are decoded before anything is sent, so that the replies to a pipeline leave
/// in one send; a GET that finds something takes the replies before it along with its first slice.
final class LMSession {
  let connection: Connection
  let generation: LMGeneration
  let dialect: LMDialect
  let kind: ValueKind
  var burst = TouchBurst()
  /// The client's next bytes may be held back until this side acknowledges.
  var shouldAcknowledge = false
  /// Answered and not yet sent.
  private var existReplies = 0
  var gatheredGets = 0

  init(connection: Connection, generation: LMGeneration, dialect: LMDialect = .server) {
    self.connection = connection
    self.generation = generation
    self.dialect = dialect
    kind = generation.carriesMeta ? .withMeta : .plain
  }

  var worker: Worker { connection.worker }
  var loop: EventLoop { connection.worker.loop }
  var lane: Lane { connection.worker.lane }

  func run() async throws(SessionEnd) {
    while true {
      let arrived = loop.now
      while skipNotice(), connection.inbound.count >= generation.requestBytes {
        try await answer(try await decodeRequest(), arrived: arrived)
      }
      try await sendReplies(arrived: arrived)
      // A drain that began meanwhile found this session busy and left its end to itself. What has come is answered.
      if worker.isDraining { loop.driver.shutdown(connection.descriptor, .receive) }
      guard try await receiveRequest() else {
        if !connection.inbound.isEmpty, !endsInNotice { throw SessionEnd(.requestCutShort) }
        return
      }
    }
  }

  private func decodeRequest() async throws(SessionEnd) -> LMRequest {
    do {
      return try LMCodec.decode(connection.inbound.bytes, generation: generation)
    } catch {
      // The requests before it are answered all the same.
      try await flush()
      throw SessionEnd(error)
    }
  }

  private func receiveRequest() async throws(SessionEnd) -> Bool {
    let options: ReceiveOptions = shouldAcknowledge ? .acknowledgeUnhurried : .unhurried
    shouldAcknowledge = false
    let deadline = connection.isReserve ? loop.now + Limits.reserveSilenceNanoseconds : EventLoop.never
    do {
      return try await connection.receiveRequest(options: options, deadline: deadline)
    } catch {
      throw SessionEnd(receiving: error)
    }
  }

  private func answer(_ request: LMRequest, arrived: UInt64) async throws(SessionEnd) {
    // A client that begins with HEALTH may go on with chunks, and stay: the reserve is not for it.
    if connection.isReserve, request.command != .health { throw SessionEnd(.maxConnections) }
    switch request.command {
    case .put:
      try await put(request, arrived: arrived)
    case .get:
      try await get(request, arrived: arrived)
    case .exist:
      let found = exists(request)
      worker.metrics.requests.add(found ? .existHit : .existMiss)
      existReplies += 1
      try await reply(.empty(found: found))
    case .list:
      connection.consume(generation.requestBytes)
      try await list(arrived: arrived)
    case .health:
      connection.consume(generation.requestBytes)
      worker.metrics.requests.add(.healthServed)
      try await reply(.empty(found: true))
    }
  }

  private func exists(_ request: LMRequest) -> Bool {
    defer { connection.consume(generation.requestBytes) }
    guard isUsable(request) else { return false }
    let header = connection.inbound
    return lane.exists(
      key: header.bytes.extracting(request.keyRange), kind: kind, now: loop.now, burst: &burst)
  }

  // MARK: What all commands share

  /// Two long keys may have been cut by the client to the same bytes: nothing is kept or found under such a key.
  func isUsable(_ request: LMRequest) -> Bool {
    if request.keyIsUsable { return true }
    worker.metrics.refusals.add(request.keyMayBeTruncated ? .truncatedKey : .emptyKey)
    return false
  }

  /// Queues a reply without a body.
  func reply(_ header: LMReplyHeader) async throws(SessionEnd) {
    if connection.outboundRoom < generation.replyBytes { try await flush() }
    connection.append(header, generation: generation)
  }

  func flush() async throws(SessionEnd) {
    do {
      try await connection.flush()
    } catch {
      throw SessionEnd(sending: error)
    }
  }

  private func sendReplies(arrived: UInt64) async throws(SessionEnd) {
    try await flush()
    if existReplies > 0 { worker.metrics.record(.exist, nanoseconds: loop.now - arrived, count: existReplies) }
    if gatheredGets > 0 { worker.metrics.record(.get, nanoseconds: loop.now - arrived, count: gatheredGets) }
    (existReplies, gatheredGets) = (0, 0)
  }
}

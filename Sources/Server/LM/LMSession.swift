import Base
import Glibc
import IO
import Store
import Wire

/// In which of its two forms a client speaks `lm`.
enum LMDialect: Sendable {
  /// To a server: PUT has no answer.
  case server
  /// To an engine, of which this server plays one: PUT is answered before its body, and a GET may be followed by the news
  /// whether the client had memory for it.
  case peer
}

/// One `lm` client, from its first request to its end. Requests are answered in the order in which they came.
///
/// All requests that have arrived are decoded before anything is sent, so that the replies to a pipeline leave
/// in one send, values among them; only a slice of values, or a full buffer, leaves before.
final class LMSession {
  let connection: Connection
  // Of the connection, which stays where it is from here on.
  let worker: Worker
  let loop: EventLoop
  let lane: Lane
  let generation: LMGeneration
  let dialect: LMDialect
  let kind: ValueKind
  var burst: TouchBurst
  /// When the requests came that are being answered.
  private var arrived: UInt64 = 0
  /// The client's next bytes may be held back until this side acknowledges.
  var shouldAcknowledge = false
  /// Answered and not yet sent.
  private var existReplies = 0

  init(connection: Connection, generation: LMGeneration, dialect: LMDialect = .server) {
    self.connection = connection
    worker = connection.worker
    loop = worker.loop
    lane = worker.lane
    self.generation = generation
    self.dialect = dialect
    kind = generation.carriesMeta ? .withMeta : .plain
    burst = TouchBurst(asker: worker.server.asker(for: connection))
  }

  func run() async throws(SessionEnd) {
    while true {
      arrived = loop.now
      try await answerArrived()
      try await sendReplies()
      guard try await receiveRequest() else {
        if !connection.inbound.isEmpty, !endsInNotice { throw SessionEnd(.requestCutShort) }
        return
      }
    }
  }

  private func answerArrived() async throws(SessionEnd) {
    while true {
      let request: LMRequest?
      do {
        request = try answerLookups()
      } catch {
        // The requests before it are answered all the same.
        try await flush()
        throw SessionEnd(error)
      }
      guard let request else { return }
      try await answer(request)
    }
  }

  /// Answers EXISTs and GETs as long as nothing has to be waited for: in a pipeline, asynchronous calls cost more than the
  /// answers. The request that comes next, if it is something else; nil when no more have arrived.
  private func answerLookups() throws(LMWireError) -> LMRequest? {
    while skipNotice(), connection.inbound.count >= generation.requestBytes {
      let request = try LMCodec.decode(connection.inbound.bytes, generation: generation)
      guard !connection.isReserve, hasRoom, lookUp(request) else { return request }
    }
    return nil
  }

  /// Answers an EXIST, or a GET of what is in memory; false for other requests, which may have to wait.
  private func lookUp(_ request: LMRequest) -> Bool {
    switch request.command {
    case .exist: exist(request)
    case .get: return get(request) == nil
    case .put, .list, .health: return false
    }
    return true
  }

  private func exist(_ request: LMRequest) {
    let found = exists(request)
    worker.metrics.requests.add(found ? .existHit : .existMiss)
    existReplies += 1
    append(.empty(found: found))
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

  private func answer(_ request: LMRequest) async throws(SessionEnd) {
    // A client that begins with HEALTH may go on with chunks, and stay: the reserve is not for it.
    if connection.isReserve, request.command != .health { throw SessionEnd(connection.reserveRefusal) }
    while !hasRoom { try await sendSome() }
    switch request.command {
    case .exist: exist(request)
    case .get: if let ref = get(request) { try await get(request, from: ref) }
    case .put: try await put(request)
    case .list:
      connection.consume(generation.requestBytes)
      try await list()
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
    // A copy: passing a property on is checked for overlapping access each time.
    var burst = burst
    defer { self.burst = burst }
    return lane.exists(
      key: header.bytes.extracting(request.keyRange), kind: kind, now: loop.now, burst: &burst)
  }

  // MARK: What all commands share

  /// Since the requests came that are being answered.
  var elapsed: UInt64 { loop.exactNow - arrived }

  /// Two long keys may have been cut by the client to the same bytes: nothing is kept or found under such a key.
  func isUsable(_ request: LMRequest) -> Bool {
    if request.keyIsUsable { return true }
    worker.metrics.refusals.add(request.keyMayBeTruncated ? .truncatedKey : .emptyKey)
    return false
  }

  /// Whether one more reply can wait to be sent with the others. What comes behind a slice of values is looked up only
  /// when its turn is near: what is pinned cannot make room for others.
  private var hasRoom: Bool {
    connection.outbox.hasRoom(generation.replyBytes) && connection.outbox.valueBytes < Limits.sliceBytes
      && connection.outbox.valueCount < Limits.gatheredValuesMax
  }

  /// Queues a reply; its body, if it has one, comes behind it.
  func reply(_ header: LMReplyHeader) async throws(SessionEnd) {
    while !hasRoom { try await sendSome() }
    append(header)
  }

  /// Where there is room.
  func append(_ header: LMReplyHeader) {
    connection.outbox.write(room: generation.replyBytes) {
      LMCodec.encodeReply(header, generation: generation, into: &$0)
    }
  }

  /// Sends all that waits.
  func flush() async throws(SessionEnd) {
    while !connection.outbox.isEmpty { try await sendSome() }
  }

  private func sendReplies() async throws(SessionEnd) {
    try await flush()
    if existReplies > 0 { worker.metrics.record(.exist, nanoseconds: elapsed, count: existReplies) }
    existReplies = 0
  }
}

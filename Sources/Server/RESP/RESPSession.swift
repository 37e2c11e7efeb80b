import Base
import IO
import Store
import Wire

/// One RESP client, from its first request to its end, at the door of the store or of the registry.
///
/// Two tasks of one loop: the reader decodes and executes, the writer sends what the reader appended. A client may
/// therefore send a whole pipeline of large values before it reads the first reply. Requests are executed, and answered,
/// in the order in which they came.
final class RESPSession: @unchecked Sendable {
  enum Phase {
    /// The client has still to say who it is.
    case unauthenticated
    case ready
    /// Between MULTI and EXEC, which will say so if something could not be queued.
    case queueing(isBroken: Bool)
    /// The last answer is made, whatever the client still sends.
    case closing
  }

  let connection: Connection
  let door: RESPDoor
  private(set) var phase: Phase
  var decoder: RESPRequestDecoder
  var encoder = RESPReplyEncoder(version: .two)
  var client: RESPClient
  /// Whose requests these are, as of this turn of what the server knows.
  var identity = RESPUsers.open.standard
  var usersTurn: UInt64 = 0
  /// Of the request that is being read or executed.
  var bodies = RESPBodies()
  /// Of the requests that are queued.
  var transaction: RESPTransaction
  /// For what the request that is read has taken beside the inbox.
  private var booking: Booking
  /// The bytes in which the arguments of the request stand.
  var requestBase: UnsafeMutableRawPointer
  /// When a byte last came, or was last waited for anew.
  var lastArrival: UInt64
  /// When values that wait were last looked after.
  var lastLook: UInt64 = 0
  /// Answered since the last look at the clock.
  var answered = (gets: 0, exists: 0)
  /// What the command that runs wants, and only a device has.
  var away: ValueRef?
  /// Where its worker keeps the burst of the client's host.
  private let burstPlace: Int
  private let asker: Asker

  /// Rung when there is something to send, or nothing more will come.
  var work = LoopSignal()
  /// Rung when there is room again.
  var room = LoopSignal()
  var pins: RESPPinBound
  private(set) var hasReaderEnded = false
  /// Why the writer gave up.
  var writeFailure: SessionEnd?

  init(connection: Connection, door: RESPDoor) {
    self.connection = connection
    self.door = door
    let worker = connection.worker
    connection.inbox.keptBytes = door.keptInboxBytes
    decoder = RESPRequestDecoder(gatheredBytesMax: door.gatheredBytesMax)
    client = RESPClient(id: connection.id, openedAt: worker.loop.now)
    transaction = RESPTransaction(store: worker.store)
    booking = Booking(store: worker.store)
    requestBase = connection.inbox.base
    lastArrival = worker.loop.now
    pins = RESPPinBound(worker.server)
    burstPlace = Int(connection.hostHash % UInt64(Limits.respBurstsPerWorker))
    asker = worker.server.asker(for: connection, fansOut: true)
    phase = .ready
    begin()
  }

  var worker: Worker { connection.worker }
  var loop: EventLoop { connection.worker.loop }
  var lane: Lane { connection.worker.lane }

  /// Shared by all connections of a host: engines fetch the chunks of one prefix by many connections at once.
  var burst: TouchBurst {
    get {
      var burst = worker.respBursts[burstPlace]
      burst.asker = asker
      return burst
    }
    set { worker.respBursts[burstPlace] = newValue }
  }

  // MARK: Phases

  func enter(_ next: Phase) {
    phase = next
    decoder.isAuthenticated = isAuthenticated
  }

  var isAuthenticated: Bool {
    if case .unauthenticated = phase { false } else { true }
  }

  var isQueueing: Bool {
    if case .queueing = phase { true } else { false }
  }

  private var isClosing: Bool {
    if case .closing = phase { true } else { false }
  }

  func run() async throws(SessionEnd) {
    async let writing: Void = write()
    let ending = await read()
    hasReaderEnded = true
    work.ring()
    await writing
    // What the writer met explains what the reader saw of it.
    if let end = writeFailure { throw end }
    guard isClosing else {
      if let ending { throw ending }
      return
    }
    // A client that has seen the end may ask what it was.
    if let ending { worker.refuse(ending.refusal, connection) }
    await connection.linger()
  }

  // MARK: Reading

  private func read() async -> SessionEnd? {
    do throws(SessionEnd) {
      try await readRequests()
      return nil
    } catch {
      if error.refusal == .replyBacklog { giveUp(error) }
      if error.refusal == .budgetSpent, connection.outbox.hasRoom(64) {
        enter(.closing)
        reply(error: "OOM no memory for what this connection holds")
      }
      return error
    }
  }

  private func readRequests() async throws(SessionEnd) {
    while true {
      let arrived = loop.now
      let missing = try await takeRequests(arrived: arrived)
      if !isClosing { sendAtOnce() }
      recordAnswered(arrived: arrived)
      if isClosing { return }
      if !connection.outbox.isEmpty { work.ring() }
      guard connection.inbox.makeRoom(missing) else { throw SessionEnd(Refusal.budgetSpent) }
      guard try await receive(isBetweenRequests: connection.inbox.isEmpty) else {
        if !connection.inbox.isEmpty { throw SessionEnd(.requestCutShort) }
        return
      }
    }
  }

  /// Executes all requests that are there; how many bytes the next one lacks.
  private func takeRequests(arrived: UInt64) async throws(SessionEnd) -> Int {
    while true {
      let parse = decode()
      try book()
      switch parse {
      case .needMore(let missing): return missing
      case .nothing(let consumed): connection.consume(consumed)
      case .body(let bytes, let offset): try await takeBody(bytes, at: offset)
      case .request(let consumed):
        requestBase = connection.inbox.base
        try await awaitRoom()
        try await answer(arrived: arrived)
        bodies.removeAll()
        settleClaims()
        connection.consume(consumed)
        if isClosing { return 0 }
      case .malformed(let error):
        enter(.closing)
        reply(room: RESPReplyEncoder.headBytesMax + 64) { $0.protocolError(error, into: &$1) }
        throw SessionEnd(error)
      }
    }
  }

  private func decode() -> RESPParse {
    var bytes = connection.inbox.bytes.mutableBytes
    return decoder.decode(&bytes)
  }

  /// Books what the request that is read has taken. What the budget has no room for ends the session.
  func book() throws(SessionEnd) {
    guard !connection.outbox.isOverdrawn, booking.change(to: decoder.placeBytes + bodies.byteCount),
      transaction.book()
    else { throw SessionEnd(Refusal.budgetSpent) }
  }

  /// Waits for bytes behind those that are there; false at the peer's end.
  private func receive(isBetweenRequests: Bool) async throws(SessionEnd) -> Bool {
    // The rest of a request may be held back until this side acknowledges; between requests the reply does.
    let options: ReceiveOptions = isBetweenRequests ? .unhurried : .acknowledgeUnhurried
    noteArrival()
    while true {
      do {
        let isMore = try await connection.receiveRequest(
          mayEnd: isBetweenRequests && !isQueueing, options: options, deadline: lookDeadline)
        noteArrival()
        lookAfterValues()
        return isMore
      } catch {
        guard error == .timedOut else { throw SessionEnd(receiving: error) }
        lookAfterValuesOfSilent()
      }
    }
  }
}

import Base
import Glibc
import IO
import Store
import Synchronization
import Wire

/// One RESP client, from its first request to its end.
///
/// Two tasks of one loop: the reader decodes and executes, the writer sends what the reader appended. A client may
/// therefore send a whole pipeline of large values before it reads the first reply. Requests are executed, and answered,
/// in the order in which they came.
final class RESPSession: @unchecked Sendable {
  let connection: Connection
  var decoder = RESPRequestDecoder(gatheredBytesMax: Limits.respGatheredBytesMax)
  var encoder = RESPReplyEncoder(version: .two)
  var client: RESPClient
  /// Of the request that is being read or executed.
  var bodies = RESPBodies()
  var transaction: RESPTransaction
  /// For what the request that is read has taken beside the inbox.
  private var booking: Booking
  /// The bytes in which the arguments of the request stand.
  var requestBase: UnsafeMutableRawPointer
  var isQuitting = false
  /// When a byte last came, or was last waited for anew.
  var lastArrival: UInt64
  /// When values that wait were last looked after.
  var lastLook: UInt64 = 0
  /// Answered since the last look at the clock.
  var answered = (gets: 0, exists: 0)
  /// Where its worker keeps the burst of the client's host.
  private let burstPlace: Int
  private let asker: Asker
  /// What values may be queued for this client, and for all together.
  private let pinnedBytesMax: Int
  private let pinnedTogetherMax: Int
  /// What all know to be queued for this one.
  private var countedPinnedBytes = 0

  /// Rung when there is something to send, or nothing more will come.
  var work = LoopSignal()
  /// Rung when there is room again.
  var room = LoopSignal()
  private(set) var hasReaderEnded = false
  /// The session ends by an answer of ours, whatever the client still sends.
  private var hasLastWord = false
  /// Why the writer gave up.
  private(set) var writeFailure: SessionEnd?

  init(connection: Connection) {
    self.connection = connection
    let worker = connection.worker
    transaction = RESPTransaction(store: worker.store)
    booking = Booking(store: worker.store)
    requestBase = connection.inbox.base
    lastArrival = worker.loop.now
    let isOpen = worker.server.resp.password.isEmpty
    client = RESPClient(id: worker.server.nextClientID(), openedAt: worker.loop.now, isAuthenticated: isOpen)
    let budgetBytes = worker.store.budgetBytes
    pinnedBytesMax = min(Limits.respPinnedBytesMax, budgetBytes / 100 * Limits.respPinnedPercentMax)
    pinnedTogetherMax = budgetBytes / 100 * Limits.respPinnedTogetherPercentMax
    decoder.isAuthenticated = isOpen
    let host = connection.transport.peer?.hostHash ?? 0
    burstPlace = Int(host % UInt64(Limits.respBurstsPerWorker))
    asker = worker.server.asker(ofHost: host)
  }

  deinit { worker.server.respPinnedBytes.subtract(countedPinnedBytes, ordering: .relaxed) }

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

  func run() async throws(SessionEnd) {
    async let writing: Void = write()
    let ending = await read()
    hasReaderEnded = true
    work.ring()
    await writing
    if hasLastWord, writeFailure == nil { await connection.linger() }
    // What the writer met explains what the reader saw of it.
    if let end = writeFailure ?? ending { throw end }
  }

  // MARK: Reading

  private func read() async -> SessionEnd? {
    do throws(SessionEnd) {
      try await readRequests()
      return nil
    } catch {
      if error.refusal == .replyBacklog { giveUp(error) }
      if error.refusal == .budgetSpent, connection.outbox.hasRoom(64) {
        hasLastWord = true
        reply(error: "OOM no memory for what this connection holds")
      }
      return error
    }
  }

  private func readRequests() async throws(SessionEnd) {
    while true {
      let arrived = loop.now
      let missing = try await takeRequests(arrived: arrived)
      if !isQuitting { sendAtOnce() }
      recordAnswered(arrived: arrived)
      if isQuitting {
        hasLastWord = true
        return
      }
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
        connection.consume(consumed)
        if isQuitting { return 0 }
      case .malformed(let error):
        hasLastWord = true
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
    guard !connection.outbox.isOverdrawn, booking.change(to: decoder.placeBytes + bodies.byteCount), transaction.book()
    else {
      throw SessionEnd(Refusal.budgetSpent)
    }
  }

  /// Waits for bytes behind those that are there; false at the peer's end.
  private func receive(isBetweenRequests: Bool) async throws(SessionEnd) -> Bool {
    let mayEnd = isBetweenRequests && !transaction.isOpen
    // The rest of a request may be held back until this side acknowledges; between requests the reply does.
    let options: ReceiveOptions = isBetweenRequests ? .unhurried : .acknowledgeUnhurried
    noteArrival()
    while true {
      do {
        let isMore = try await connection.receiveRequest(
          mayEnd: mayEnd, options: options, deadline: lookDeadline)
        noteArrival()
        lookAfterValues()
        return isMore
      } catch {
        guard error == .timedOut else { throw SessionEnd(receiving: error) }
        lookAfterValuesOfSilent()
      }
    }
  }

  // MARK: Writing

  /// A little text that the kernel takes as it is, while the writer has nothing under way, need not wake it.
  private func sendAtOnce() {
    guard work.isAwaited, connection.outbox.valueCount == 0, !connection.outbox.isEmpty,
      connection.outbox.textBytes <= Limits.promptBulkBytes
    else { return }
    connection.sendAtOnce()
  }

  private func write() async {
    // Not the connection's, by which the reader receives.
    let regions = UnsafeMutableBufferPointer<iovec>.allocate(capacity: Limits.regionsPerTransfer)
    defer { regions.deallocate() }
    do throws(SessionEnd) {
      while true {
        if connection.outbox.isEmpty {
          if hasReaderEnded { return }
          await withUnsafeContinuation { work.arm($0) }
          continue
        }
        // A client that does not read because it is still sending, while there is no room for more replies, would never
        // read.
        _ = try await connection.sendSome(by: regions) { stalledNanoseconds throws(SessionEnd) in
          lookAfterValues()
          if room.isAwaited, stalledNanoseconds >= Limits.respBacklogNanoseconds { throw SessionEnd(.replyBacklog) }
        }
        countPins()
        lookAfterValues()
        if hasRoom { room.ring() }
      }
    } catch {
      giveUp(error)
    }
  }

  /// Ends the session from the writer's side: the reader wakes up and finds out.
  private func giveUp(_ end: SessionEnd) {
    if writeFailure == nil { writeFailure = end }
    connection.transport.abort()
    room.ring()
  }

  // MARK: The bound

  private var hasRoom: Bool {
    connection.outbox.textBytes < Limits.respQueuedTextBytesMax
      && connection.outbox.valueCount < Limits.respQueuedValuesMax
      && connection.outbox.pinnedBytes < pinnedBytesMax
      && (connection.outbox.pinnedBytes == 0
        || worker.server.respPinnedBytes.load(ordering: .relaxed) < pinnedTogetherMax)
  }

  /// Tells the others what is queued for this client.
  func countPins() {
    let change = connection.outbox.pinnedBytes - countedPinnedBytes
    guard change != 0 else { return }
    countedPinnedBytes += change
    worker.server.respPinnedBytes.add(change, ordering: .relaxed)
  }

  /// Before a reply is appended: a client that reads makes room, and one that does not is given up by the writer.
  func awaitRoom() async throws(SessionEnd) {
    while true {
      if let writeFailure { throw writeFailure }
      guard !connection.outbox.isOverdrawn else { throw SessionEnd(Refusal.budgetSpent) }
      if hasRoom { return }
      work.ring()
      await withUnsafeContinuation { room.arm($0) }
    }
  }
}

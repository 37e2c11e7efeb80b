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
  var outbox: Outbox
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
    outbox = Outbox(own: connection.buffers.outbound, store: worker.store)
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
    let host = PeerAddress.hostHash(of: connection.descriptor)
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
      if error.refusal == .budgetSpent, outbox.hasRoom(64) {
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
      if !outbox.isEmpty { work.ring() }
      // A drain that began meanwhile found this session busy and left its end to itself. What has come is answered.
      if worker.isDraining { loop.driver.shutdown(connection.descriptor, .receive) }
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
    guard !outbox.isOverdrawn, booking.change(to: decoder.placeBytes + bodies.byteCount), transaction.book() else {
      throw SessionEnd(Refusal.budgetSpent)
    }
  }

  /// Waits for bytes behind those that are there; false at the peer's end.
  private func receive(isBetweenRequests: Bool) async throws(SessionEnd) -> Bool {
    connection.isBetweenRequests = isBetweenRequests && !transaction.isOpen
    defer { connection.isBetweenRequests = false }
    // The rest of a request may be held back until this side acknowledges; between requests the reply does.
    let options: ReceiveOptions = isBetweenRequests ? .unhurried : .acknowledgeUnhurried
    noteArrival()
    while true {
      do {
        let isMore = try await connection.receiveMore(options: options, deadline: lookDeadline)
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
    guard work.isAwaited, outbox.valueCount == 0, !outbox.isEmpty, outbox.textBytes <= Limits.promptBulkBytes else {
      return
    }
    let text = outbox.gather(into: connection.buffers.regions, lends: false)
    outbox.drop(connection.sendAtOnce(text.count))
  }

  private func write() async {
    let memory = UnsafeMutableBufferPointer<iovec>.allocate(capacity: Limits.regionsPerTransfer)
    defer { memory.deallocate() }
    do throws(SessionEnd) {
      while true {
        if outbox.isEmpty {
          if hasReaderEnded { return }
          await withUnsafeContinuation { work.arm($0) }
          continue
        }
        // Text too: while the kernel takes it at once, nothing else makes a long one wait for others.
        await loop.bulkTurn(bytes: min(outbox.textBytes + outbox.valueBytes, Limits.sliceBytes))
        outbox.drop(try await sendGathered(by: memory))
        countPins()
        lookAfterValues()
        if connection.mustGiveWay(pinnedBytes: outbox.pinnedBytes) { throw SessionEnd(Refusal.pinsWanted) }
        if hasRoom { room.ring() }
      }
    } catch {
      giveUp(error)
    }
  }

  /// How much the kernel took. A client that does not read is given up after a while; sooner when it does not because it
  /// is still sending, while there is no room for more replies: it would never read.
  private func sendGathered(by regions: UnsafeMutableBufferPointer<iovec>) async throws(SessionEnd) -> Int {
    let began = loop.now
    while true {
      // Anew each time: what could be lent at first may have to be copied after a wait.
      let gathered = outbox.gather(into: regions, lends: connection.lends)
      do {
        return try await connection.send(
          gathered, from: regions, deadline: loop.now + Limits.sendTickNanoseconds)
      } catch {
        guard error == .timedOut else { throw SessionEnd(sending: error) }
        lookAfterValues()
        if connection.mustGiveWay(pinnedBytes: outbox.pinnedBytes) { throw SessionEnd(Refusal.pinsWanted) }
        if room.isAwaited, loop.now - began >= Limits.respBacklogNanoseconds { throw SessionEnd(.replyBacklog) }
        if loop.now - began >= Limits.sendStallNanoseconds { throw SessionEnd(.stalledReader) }
      }
    }
  }

  /// Ends the session from the writer's side: the reader wakes up and finds out.
  private func giveUp(_ end: SessionEnd) {
    if writeFailure == nil { writeFailure = end }
    loop.driver.shutdown(connection.descriptor, .both)
    room.ring()
  }

  // MARK: The bound

  private var hasRoom: Bool {
    outbox.textBytes < Limits.respQueuedTextBytesMax && outbox.valueCount < Limits.respQueuedValuesMax
      && outbox.pinnedBytes < pinnedBytesMax
      && (outbox.pinnedBytes == 0 || worker.server.respPinnedBytes.load(ordering: .relaxed) < pinnedTogetherMax)
  }

  /// Tells the others what is queued for this client.
  func countPins() {
    let change = outbox.pinnedBytes - countedPinnedBytes
    guard change != 0 else { return }
    countedPinnedBytes += change
    worker.server.respPinnedBytes.add(change, ordering: .relaxed)
  }

  /// Before a reply is appended: a client that reads makes room, and one that does not is given up by the writer.
  func awaitRoom() async throws(SessionEnd) {
    while true {
      if let writeFailure { throw writeFailure }
      guard !outbox.isOverdrawn else { throw SessionEnd(Refusal.budgetSpent) }
      if hasRoom { return }
      work.ring()
      await withUnsafeContinuation { room.arm($0) }
    }
  }
}

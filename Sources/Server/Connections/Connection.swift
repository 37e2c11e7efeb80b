import Base
import Glibc
import IO
import Store
import Wire

/// A connected client: its transport, its buffers, and the worker whose loop it lives on.
///
/// Used by the tasks that serve it; it moves to another worker only while no verb waits on it.
final class Connection: @unchecked Sendable {
  let transport: Transport
  /// Connections are numbered from 1.
  let id: Int
  private var entrance: Entrance
  private var claimedBytes = 0
  private(set) var worker: Worker
  /// Where its worker keeps it.
  var place = 0
  private(set) var speaks = ConnectionProtocol.unknown
  /// Of a data connection: a number for its host, and where its host is counted if it moves chunks.
  private(set) var hostHash: UInt64 = 0
  private var peer: SocketEnd?
  private(set) var client = ClientPlace.none
  /// Waits for the next request with nothing under way, so that a drain may end it.
  var isBetweenRequests = false

  let buffers = ConnectionBuffers()
  /// Of values that are sent from their pages.
  var pace = ReaderPace()
  var inbox: Inbox
  var outbox: Outbox

  init(_ transport: Transport, _ entrance: Entrance, worker: Worker) {
    self.transport = transport
    id = worker.server.nextConnectionID()
    self.entrance = entrance
    bytes = Self.bytes + (transport.identity == nil ? 0 : Limits.tlsConnectionBytes)
    if !worker.store.charge(bytes) { self.entrance.restrict(to: .budgetSpent) }
    self.worker = worker
    inbox = Inbox(own: buffers.inbound, store: worker.store)
    outbox = Outbox(own: buffers.outbound, store: worker.store)
    worker.metrics.opened.add(.unknown)
  }

  /// What it costs for as long as it lives, as far as that is known by now.
  private var bytes: Int
  private static let bytes = ConnectionBuffers.bytes + Limits.sessionBytes

  // MARK: Coming in

  var door: Door { entrance.door }
  /// Accepted beyond a limit, or while the budget had no room for it: good for a probe and nothing else.
  var isReserve: Bool { entrance.restriction != nil }
  /// Why it is refused anything else.
  var reserveRefusal: Refusal { entrance.restriction ?? .maxConnections }

  /// What it speaks is not for its client, but for a probe.
  func restrict(to refusal: Refusal) { entrance.restrict(to: refusal) }

  /// Whether a value of this length may arrive now, of all that its address may be storing at once. It is claimed until
  /// it is settled.
  func claim(_ bytes: Int) -> Bool {
    guard let account = entrance.account else { return true }
    guard account.begin(bytes: bytes) else { return false }
    claimedBytes += bytes
    return true
  }

  func settleClaims(to bytes: Int) {
    guard claimedBytes != bytes, let account = entrance.account else { return }
    // What it holds was claimed before.
    account.end(bytes: claimedBytes - min(bytes, claimedBytes))
    claimedBytes = min(bytes, claimedBytes)
  }

  /// Of one who administers: whether it may lose its place to another.
  func isAnswering(_ isAnswering: Bool) { entrance.admin?.isAnswering = isAnswering }

  // MARK: Belonging

  func speak(_ spoken: ConnectionProtocol) {
    worker.metrics.closed.add(speaks)
    speaks = spoken
    worker.metrics.opened.add(speaks)
    if spoken == .resp || spoken == .lookup {
      // It is here already; what there is no room for, the next one is told.
      bytes += Limits.respSessionBytes
      _ = worker.store.charge(Limits.respSessionBytes)
    }
    guard spoken.isData, let peer = transport.peer else { return }
    self.peer = peer
    hostHash = peer.hostHash
    if spoken.movesChunks { client = worker.store.openClient(address: peer.host) }
  }

  /// For the log: where the client is or was, as far as that is known.
  var peerText: String { (peer ?? transport.peer)?.text ?? "unknown" }

  /// Leaves its worker's loop, to be served on another's.
  func move(to other: Worker) {
    transport.move(to: other.loop, other.tls)
    // Opened by the metrics of one worker and closed by those of another: only their sum is shown.
    worker = other
  }

  /// After a move that the other worker did not take: its loop knows nothing of the descriptor.
  func stay(with worker: Worker) {
    transport.stay(on: worker.loop, worker.tls)
    self.worker = worker
  }

  func close() {
    inbox.empty(to: worker.wideBuffers)
    worker.metrics.closed.add(speaks)
    worker.store.closeClient(client)
    worker.store.discharge(bytes)
    settleClaims(to: 0)
    entrance.leave()
    transport.close()
  }

  // MARK: Bytes that arrived

  var inbound: UnsafeRawBufferPointer { UnsafeRawBufferPointer(inbox.bytes) }

  func consume(_ count: Int) { inbox.consume(count) }

  /// Receives behind what is there; false at the peer's end.
  func receiveMore(options: ReceiveOptions = [], deadline: UInt64 = EventLoop.never) async throws(IOFailure) -> Bool {
    inbox.compact()
    let room = inbox.room
    precondition(room.count > 0, "what needs more than is there was given room")
    buffers.regions[0] = iovec(iov_base: room.baseAddress!, iov_len: room.count)
    // Not by way of `receiveRegions`: between two requests each asynchronous call counts.
    let count = try await transport.receive(
      into: buffers.regions.baseAddress!, count: 1, options: options, deadline: deadline)
    worker.metrics.bytesReceived.add(count)
    inbox.arrived(count)
    return count > 0
  }

  /// Receives into what the first of its regions name; how many bytes, and 0 at the peer's end.
  func receiveRegions(
    _ count: Int, options: ReceiveOptions = [], deadline: UInt64 = EventLoop.never
  ) async throws(IOFailure) -> Int {
    let received = try await transport.receive(
      into: buffers.regions.baseAddress!, count: count, options: options, deadline: deadline)
    worker.metrics.bytesReceived.add(received)
    return received
  }

  /// As `receiveMore`, for a session that has answered what has come.
  /// - Parameter mayEnd: nothing is under way, so that a drain may end the connection.
  func receiveRequest(
    mayEnd: Bool = true, options: ReceiveOptions = [], deadline: UInt64 = EventLoop.never
  ) async throws(IOFailure) -> Bool {
    // A connection that waits for its client needs no wide buffer.
    inbox.narrow(to: worker.wideBuffers)
    // A drain that began meanwhile found the session busy and left its end to it.
    if worker.isDraining, speaks.isData { transport.endReceiving() }
    isBetweenRequests = mayEnd
    defer { isBetweenRequests = false }
    return try await receiveMore(options: options, deadline: deadline)
  }

  // MARK: The end

  /// Reads on for a moment after the last answer: closing with bytes unread would reset the connection, and take the
  /// answer from the client.
  func linger() async {
    // A client that reads to the end need not wait for that.
    transport.endSending()
    let deadline = worker.loop.now + Limits.httpLingerNanoseconds
    while worker.loop.now < deadline {
      consume(inbound.count)
      guard (try? await receiveMore(deadline: deadline)) == true else { return }
    }
  }
}

import Base
import Glibc
import IO
import Store
import Wire

/// A connected client: its descriptor, its buffers, and the worker whose loop it lives on.
///
/// Used by the one task that serves it; it moves to another worker only while no verb waits on it.
final class Connection: @unchecked Sendable {
  let descriptor: Int32
  /// Accepted beyond the limit, or while the budget had no room for it: good for a probe and nothing else.
  let isReserve: Bool
  /// Why it is refused anything else.
  let reserveRefusal: Refusal
  /// Its congestion control sends by a timer, to which lent pages cost more than copies do.
  let isPaced: Bool
  let door: Door
  private(set) var worker: Worker
  /// Where its worker keeps it.
  var place = 0
  private(set) var speaks = ConnectionProtocol.unknown
  /// Waits for the next request with nothing under way, so that a drain may end it.
  var isBetweenRequests = false

  let buffers = ConnectionBuffers()
  /// Of values that are sent from their pages.
  var pace = ReaderPace()
  var inbox: Inbox

  init(descriptor: Int32, isReserve: Bool, isPaced: Bool = false, door: Door = .data, worker: Worker) {
    self.descriptor = descriptor
    let isBooked = worker.store.charge(Self.bytes)
    self.isReserve = isReserve || !isBooked
    reserveRefusal = isReserve ? .maxConnections : .budgetSpent
    self.isPaced = isPaced
    self.door = door
    self.worker = worker
    inbox = Inbox(own: buffers.inbound, store: worker.store)
    worker.metrics.opened.add(.unknown)
  }

  /// What it costs for as long as it lives.
  private static let bytes = ConnectionBuffers.bytes + Limits.sessionBytes

  private var loop: EventLoop { worker.loop }

  /// Whether large values leave by their pages.
  var lends: Bool { worker.lends && !isPaced }

  // MARK: Belonging

  func speak(_ spoken: ConnectionProtocol) {
    worker.metrics.closed.add(speaks)
    speaks = spoken
    worker.metrics.opened.add(speaks)
  }

  /// Leaves its worker's loop, to be served on another's.
  func move(to other: Worker) {
    loop.driver.release(descriptor)
    // Opened by the metrics of one worker and closed by those of another: only their sum is shown.
    worker = other
  }

  /// After a move that the other worker did not take: its loop knows nothing of the descriptor.
  func stay(with worker: Worker) { self.worker = worker }

  func close() {
    inbox.empty(to: worker.wideBuffers)
    worker.metrics.closed.add(speaks)
    worker.store.discharge(Self.bytes)
    loop.driver.close(descriptor)
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
    let count = try await loop.receive(
      descriptor, into: buffers.regions.baseAddress!, count: 1, options: options, deadline: deadline)
    worker.metrics.bytesReceived.add(count)
    inbox.arrived(count)
    return count > 0
  }

  /// Receives into what the first of its regions name; how many bytes, and 0 at the peer's end.
  func receiveRegions(
    _ count: Int, options: ReceiveOptions = [], deadline: UInt64 = EventLoop.never
  ) async throws(IOFailure) -> Int {
    let received = try await loop.receive(
      descriptor, into: buffers.regions.baseAddress!, count: count, options: options, deadline: deadline)
    worker.metrics.bytesReceived.add(received)
    return received
  }

  /// As `receiveMore`, at a point where a drain may end the connection. A connection that waits for its client needs no wide
  /// buffer.
  func receiveRequest(options: ReceiveOptions = [], deadline: UInt64 = EventLoop.never) async throws(IOFailure) -> Bool
  {
    inbox.narrow(to: worker.wideBuffers)
    isBetweenRequests = true
    defer { isBetweenRequests = false }
    return try await receiveMore(options: options, deadline: deadline)
  }

  // MARK: Bytes to send

  /// Whether this client has to go: it takes hardly anything of what is pinned for it, and others miss that.
  func mustGiveWay(pinnedBytes: Int) -> Bool {
    pinnedBytes > 0 && pace.isSlow(now: loop.now) && worker.store.takesPinsBack(now: loop.now)
  }

  /// Sends some of what these regions name; how many bytes.
  func send(
    _ gathered: Gathering, from regions: UnsafeMutableBufferPointer<iovec>, deadline: UInt64
  ) async throws(IOFailure) -> Int {
    let sent: Int
    if gathered.isLent {
      let copiedBytes = regions.byteCount(ofFirst: gathered.copied)
      sent = try await loop.lend(
        descriptor, from: regions.baseAddress!, count: gathered.count, copied: gathered.copied, deadline: deadline)
      if loop.driver.lends { worker.metrics.bytesLent.add(max(0, sent - copiedBytes)) }
    } else {
      sent = try await loop.send(descriptor, from: regions.baseAddress!, count: gathered.count, deadline: deadline)
    }
    worker.metrics.bytesSent.add(sent)
    pace.took(sent, now: loop.now)
    return sent
  }

  /// Sends what the kernel takes of them without anybody waiting; how many bytes. Why there are none a later send tells.
  func sendAtOnce(_ count: Int) -> Int {
    let sent = loop.sendAtOnce(descriptor, from: buffers.regions.baseAddress!, count: count)
    worker.metrics.bytesSent.add(sent)
    return sent
  }

  /// Sends some of these bytes, which stay where they are meanwhile; how many.
  func send(_ bytes: UnsafeRawBufferPointer) async throws(IOFailure) -> Int {
    buffers.regions[0] = iovec(
      iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress!), iov_len: bytes.count)
    return try await send(
      Gathering(count: 1, copied: 1), from: buffers.regions, deadline: loop.now + Limits.sendStallNanoseconds)
  }

  /// Sends all these bytes. What a probe asks for is short, and is told also when there is no memory for more.
  func sendAll(_ bytes: [UInt8]) async throws(IOFailure) {
    guard bytes.count > buffers.outbound.count else {
      buffers.outbound.copyBytes(from: bytes)
      return try await sendAll(UnsafeRawBufferPointer(rebasing: buffers.outbound[..<bytes.count]))
    }
    var booking = Booking(store: worker.store)
    guard booking.change(to: bytes.count) else { throw .outOfMemory }
    // Sent from memory that does not move: an array's may only be looked at within a call.
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    copy.copyBytes(from: bytes)
    defer { copy.deallocate() }
    try await sendAll(UnsafeRawBufferPointer(rebasing: copy[..<bytes.count]))
  }

  /// Sends all these bytes, slice by slice. They stay where they are meanwhile.
  func sendAll(_ bytes: UnsafeRawBufferPointer) async throws(IOFailure) {
    var sent = 0
    while sent < bytes.count {
      let slice = min(bytes.count - sent, Limits.sliceBytes)
      await loop.bulkTurn(bytes: slice)
      sent += try await send(UnsafeRawBufferPointer(start: bytes.baseAddress! + sent, count: slice))
    }
  }

  // MARK: The end

  /// Reads on for a moment after the last answer: closing with bytes unread would reset the connection, and take the
  /// answer from the client.
  func linger() async {
    // A client that reads to the end need not wait for that.
    loop.driver.shutdown(descriptor, .send)
    let deadline = loop.now + Limits.httpLingerNanoseconds
    while loop.now < deadline {
      consume(inbound.count)
      guard (try? await receiveMore(deadline: deadline)) == true else { return }
    }
  }
}

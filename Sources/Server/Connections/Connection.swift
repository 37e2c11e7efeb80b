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
  /// Lent by the worker while small values come in a pipeline.
  private var wide: UnsafeMutableRawBufferPointer?
  private var inboundStart = 0
  private var inboundEnd = 0

  init(descriptor: Int32, isReserve: Bool, isPaced: Bool = false, door: Door = .data, worker: Worker) {
    self.descriptor = descriptor
    let isBooked = worker.store.charge(Self.bytes)
    self.isReserve = isReserve || !isBooked
    reserveRefusal = isReserve ? .maxConnections : .budgetSpent
    self.isPaced = isPaced
    self.door = door
    self.worker = worker
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
    precondition(wide == nil, "what a worker lends stays with it")
    loop.driver.release(descriptor)
    // Opened by the metrics of one worker and closed by those of another: only their sum is shown.
    worker = other
  }

  /// After a move that the other worker did not take: its loop knows nothing of the descriptor.
  func stay(with worker: Worker) { self.worker = worker }

  func close() {
    giveBackWide()
    worker.metrics.closed.add(speaks)
    worker.store.discharge(Self.bytes)
    loop.driver.close(descriptor)
  }

  // MARK: Bytes that arrived

  var inbound: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: inboundMemory[inboundStart..<inboundEnd])
  }

  private var inboundMemory: UnsafeMutableRawBufferPointer { wide ?? buffers.inbound }

  func consume(_ count: Int) {
    precondition(count <= inboundEnd - inboundStart, "more consumed than arrived")
    inboundStart += count
    if inboundStart == inboundEnd { (inboundStart, inboundEnd) = (0, 0) }
  }

  /// Receives behind what is there; false at the peer's end.
  func receiveMore(options: ReceiveOptions = [], deadline: UInt64 = EventLoop.never) async throws(IOFailure) -> Bool {
    if inboundStart > 0 { compactInbound() }
    let memory = inboundMemory
    precondition(inboundEnd < memory.count, "a whole request fits the buffer")
    buffers.regions[0] = iovec(iov_base: memory.baseAddress! + inboundEnd, iov_len: memory.count - inboundEnd)
    // Not by way of `receiveRegions`: between two requests each asynchronous call counts.
    let count = try await loop.receive(
      descriptor, into: buffers.regions.baseAddress!, count: 1, options: options, deadline: deadline)
    worker.metrics.bytesReceived.add(count)
    inboundEnd += count
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

  /// As `receiveMore`, at a point where a drain may end the connection.
  func receiveRequest(options: ReceiveOptions = [], deadline: UInt64 = EventLoop.never) async throws(IOFailure) -> Bool
  {
    narrow()
    isBetweenRequests = true
    defer { isBetweenRequests = false }
    return try await receiveMore(options: options, deadline: deadline)
  }

  /// As `receiveRequest`, for a session that has memory of its own. How many bytes came; 0 is the peer's end.
  func receiveRequest(into room: UnsafeMutableRawBufferPointer) async throws(IOFailure) -> Int {
    isBetweenRequests = true
    defer { isBetweenRequests = false }
    buffers.regions[0] = iovec(iov_base: room.baseAddress!, iov_len: room.count)
    return try await receiveRegions(1, options: .unhurried)
  }

  /// For a transfer of something else to end in, while nothing is here.
  var roomForInbound: UnsafeMutableRawBufferPointer {
    precondition(inboundEnd == 0, "bytes that came earlier are served earlier")
    return inboundMemory
  }

  /// So many bytes came in that way.
  func tookIn(_ count: Int) {
    precondition(inboundEnd == 0 && count <= inboundMemory.count, "no more than there was room for")
    inboundEnd = count
  }

  private func compactInbound() {
    let count = inboundEnd - inboundStart
    if count > 0 { memmove(inboundMemory.baseAddress!, inboundMemory.baseAddress! + inboundStart, count) }
    (inboundStart, inboundEnd) = (0, count)
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

// MARK: A wide buffer
extension Connection {
  /// Borrows a wide buffer from the worker; false when all are lent.
  func widen() -> Bool {
    if wide != nil { return true }
    guard let lent = worker.wideBuffers.borrow() else { return false }
    lent.copyMemory(from: inbound)
    (inboundStart, inboundEnd) = (0, inbound.count)
    wide = lent
    return true
  }

  /// A connection that waits for its client needs no more than its own buffer, if what arrived has room there.
  private func narrow() {
    guard wide != nil, inbound.count <= buffers.inbound.count else { return }
    buffers.inbound.copyMemory(from: inbound)
    (inboundStart, inboundEnd) = (0, inbound.count)
    giveBackWide()
  }

  private func giveBackWide() {
    guard let wide else { return }
    worker.wideBuffers.giveBack(wide)
    self.wide = nil
  }
}

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
  /// Accepted beyond the limit: good for a probe and nothing else.
  let isReserve: Bool
  private(set) var worker: Worker
  /// Where its worker keeps it.
  var place = 0
  private(set) var speaks = ConnectionProtocol.unknown
  /// Waits for the next request with nothing under way, so that a drain may end it.
  private(set) var isBetweenRequests = false

  let buffers = ConnectionBuffers()
  private var inboundStart = 0
  private var inboundEnd = 0
  private(set) var outboundCount = 0

  init(descriptor: Int32, isReserve: Bool, worker: Worker) {
    self.descriptor = descriptor
    self.isReserve = isReserve
    self.worker = worker
    worker.metrics.opened.add(.unknown)
    worker.store.charge(Self.bytes)
  }

  /// What it costs for as long as it lives.
  private static let bytes = ConnectionBuffers.bytes + Limits.sessionBytes

  private var loop: EventLoop { worker.loop }

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

  func close() {
    worker.metrics.closed.add(speaks)
    worker.store.discharge(Self.bytes)
    loop.driver.close(descriptor)
  }

  // MARK: Bytes that arrived

  var inbound: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: buffers.inbound[inboundStart..<inboundEnd])
  }

  func consume(_ count: Int) {
    precondition(count <= inboundEnd - inboundStart, "more consumed than arrived")
    inboundStart += count
    if inboundStart == inboundEnd { (inboundStart, inboundEnd) = (0, 0) }
  }

  /// Receives behind what is there; false at the peer's end.
  func receiveMore(options: ReceiveOptions = [], deadline: UInt64 = EventLoop.never) async throws(IOFailure) -> Bool {
    if inboundStart > 0 { compactInbound() }
    precondition(inboundEnd < buffers.inbound.count, "a whole request fits the buffer")
    buffers.regions[0] = iovec(
      iov_base: buffers.inbound.baseAddress! + inboundEnd, iov_len: buffers.inbound.count - inboundEnd)
    let count = try await loop.receive(
      descriptor, into: buffers.regions.baseAddress!, count: 1, options: options, deadline: deadline)
    worker.metrics.bytesReceived.add(count)
    inboundEnd += count
    return count > 0
  }

  /// As `receiveMore`, at a point where a drain may end the connection.
  func receiveRequest(options: ReceiveOptions = [], deadline: UInt64 = EventLoop.never) async throws(IOFailure) -> Bool
  {
    isBetweenRequests = true
    defer { isBetweenRequests = false }
    return try await receiveMore(options: options, deadline: deadline)
  }

  private func compactInbound() {
    let count = inboundEnd - inboundStart
    if count > 0 { memmove(buffers.inbound.baseAddress!, buffers.inbound.baseAddress! + inboundStart, count) }
    (inboundStart, inboundEnd) = (0, count)
  }

  // MARK: Bytes to send

  var outboundRoom: Int { buffers.outbound.count - outboundCount }

  /// Appends one reply header to what the next send takes along.
  func append(_ reply: LMReplyHeader, generation: LMGeneration) {
    let room = UnsafeMutableRawBufferPointer(rebasing: buffers.outbound[outboundCount...])
    var output = OutputRawSpan(buffer: room, initializedCount: 0)
    LMCodec.encodeReply(reply, generation: generation, into: &output)
    outboundCount += output.finalize(for: room)
  }

  /// Forgets the first bytes of the replies, which the kernel has taken.
  func dropOutbound(_ count: Int) {
    if count < outboundCount {
      memmove(buffers.outbound.baseAddress!, buffers.outbound.baseAddress! + count, outboundCount - count)
    }
    outboundCount -= count
  }

  var sendDeadline: UInt64 { loop.now + Limits.sendStallNanoseconds }

  /// Sends all waiting replies.
  func flush() async throws(IOFailure) {
    while outboundCount > 0 {
      buffers.regions[0] = iovec(iov_base: buffers.outbound.baseAddress!, iov_len: outboundCount)
      let sent = try await loop.send(
        descriptor, from: buffers.regions.baseAddress!, count: 1, deadline: sendDeadline)
      worker.metrics.bytesSent.add(sent)
      dropOutbound(sent)
    }
  }

  /// Sends what is queued, then all these bytes.
  func sendAll(_ bytes: [UInt8]) async throws(IOFailure) {
    // Sent from memory that does not move: an array's may only be looked at within a call.
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
    copy.copyBytes(from: bytes)
    worker.store.charge(copy.count)
    defer {
      worker.store.discharge(copy.count)
      copy.deallocate()
    }
    try await sendAll(UnsafeRawBufferPointer(rebasing: copy[..<bytes.count]))
  }

  /// Sends what is queued, then all these bytes, slice by slice. They stay where they are meanwhile.
  func sendAll(_ bytes: UnsafeRawBufferPointer) async throws(IOFailure) {
    try await flush()
    var sent = 0
    while sent < bytes.count {
      let slice = min(bytes.count - sent, Limits.sliceBytes)
      await loop.bulkTurn(bytes: slice)
      buffers.regions[0] = iovec(
        iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress! + sent), iov_len: slice)
      let taken = try await loop.send(
        descriptor, from: buffers.regions.baseAddress!, count: 1, deadline: sendDeadline)
      worker.metrics.bytesSent.add(taken)
      sent += taken
    }
  }
}

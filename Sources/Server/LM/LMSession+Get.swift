import Base
import Glibc
import IO
import Store
import Wire

/// The way of a GET: find and pin, then header and first slice in one send, then slice by slice from the pin.
extension LMSession {
  func get(_ request: LMRequest, arrived: UInt64) async throws(SessionEnd) {
    guard isUsable(request), let pin = find(request) else {
      if dialect == .peer { noteMiss(request) }
      connection.consume(generation.requestBytes)
      worker.metrics.requests.add(.getMiss)
      return try await reply(.empty(found: false))
    }
    connection.consume(generation.requestBytes)
    worker.metrics.requests.add(.getHit)
    // A header is never split: it must fit behind what is queued already.
    if connection.outboundRoom < generation.replyBytes { try await flush() }
    let header = LMReplyHeader(code: .success, length: pin.length, meta: pin.meta)
    if try await gather(header, pin) { return }
    connection.append(header, generation: generation)
    try await send(pin)
    worker.metrics.record(.get, nanoseconds: loop.now - arrived)
  }

  /// In a pipeline a small value leaves with its neighbours in one send.
  private func gather(_ header: LMReplyHeader, _ pin: borrowing Pin) async throws(SessionEnd) -> Bool {
    let isPipelined = gatheredGets > 0 || connection.inbound.count >= generation.requestBytes
    guard isPipelined, pin.length <= Limits.gatheredBytesMax, connection.widen() else { return false }
    if connection.outboundRoom < generation.replyBytes + pin.length { try await flush() }
    connection.append(header, generation: generation)
    connection.append(pin)
    gatheredGets += 1
    return true
  }

  private func find(_ request: LMRequest) -> Pin? {
    let header = connection.inbound
    return lane.find(
      key: header.bytes.extracting(request.keyRange), kind: kind, now: loop.now, burst: &burst)
  }

  /// Sends the queued replies and the value behind them.
  private func send(_ pin: borrowing Pin) async throws(SessionEnd) {
    let length = pin.length
    var sent = 0
    while sent < length || connection.outboundCount > 0 {
      let slice = min(length - sent, Limits.sliceBytes)
      if slice > 0 { await loop.bulkTurn(bytes: slice) }
      let headers = connection.outboundCount
      let count = prepareRegions(pin, from: sent, slice: slice)
      let taken: Int
      do {
        taken = try await loop.send(
          connection.descriptor, from: connection.buffers.regions.baseAddress!, count: count,
          deadline: connection.sendDeadline)
      } catch {
        throw SessionEnd(sending: error)
      }
      worker.metrics.bytesSent.add(taken)
      connection.dropOutbound(min(taken, headers))
      sent += max(0, taken - headers)
    }
  }

  /// The queued replies, if any, and a slice of the value.
  private func prepareRegions(_ pin: borrowing Pin, from sent: Int, slice: Int) -> Int {
    let regions = connection.buffers.regions
    var count = 0
    if connection.outboundCount > 0 {
      regions[0] = iovec(iov_base: connection.outboundMemory.baseAddress!, iov_len: connection.outboundCount)
      count = 1
    }
    if slice > 0 {
      let rest = UnsafeMutableBufferPointer(rebasing: regions[count...])
      count += pin.regions(from: sent, max: slice, into: rest)
    }
    return count
  }
}

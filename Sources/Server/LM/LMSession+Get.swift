import Base
import Glibc
import IO
import Store
import Wire

/// The way of a GET: find and pin, then header and value leave from where they lie, with what waits before and behind them.
extension LMSession {
  func get(_ request: LMRequest) async throws(SessionEnd) {
    guard isUsable(request), let pin = find(request) else {
      if dialect == .peer { noteMiss(request) }
      connection.consume(generation.requestBytes)
      worker.metrics.requests.add(.getMiss)
      return try await reply(.empty(found: false))
    }
    connection.consume(generation.requestBytes)
    worker.metrics.requests.add(.getHit)
    try await reply(LMReplyHeader(code: .success, length: pin.length, meta: pin.meta))
    if pin.length == 0 { worker.metrics.record(.get, nanoseconds: loop.now - arrived) }
    outbox.append(pin)
    // What comes behind it is looked up only when its turn is near: what is pinned cannot make room for others.
    while outbox.valueBytes >= Limits.sliceBytes || outbox.valueCount == Limits.gatheredValuesMax {
      try await sendSome()
    }
  }

  private func find(_ request: LMRequest) -> Pin? {
    let header = connection.inbound
    return lane.find(
      key: header.bytes.extracting(request.keyRange), kind: kind, now: loop.now, burst: &burst)
  }

  /// Sends up to a slice of what waits.
  func sendSome() async throws(SessionEnd) {
    if outbox.valueCount > 0 { await loop.bulkTurn(bytes: min(outbox.valueBytes, Limits.sliceBytes)) }
    let sent: Int
    do {
      sent = try await connection.sendRegions(outbox.gather(into: connection.buffers.regions))
    } catch {
      throw SessionEnd(sending: error)
    }
    let before = outbox.valueCount
    outbox.drop(sent)
    let whole = before - outbox.valueCount
    if whole > 0 { worker.metrics.record(.get, nanoseconds: loop.now - arrived, count: whole) }
  }
}

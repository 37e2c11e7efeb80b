import Base
import Glibc
import IO
import Store
import Wire

/// The way of a GET: find and pin, then header and value leave from where they lie, with what waits before and behind them.
extension LMSession {
  /// Where a reply has room.
  func get(_ request: LMRequest) {
    defer { connection.consume(generation.requestBytes) }
    guard isUsable(request) else { return answerMiss(of: request) }
    switch find(request) {
    case .memory(let pin): answer(pin)
    case .absent: answerMiss(of: request)
    }
  }

  private func answerMiss(of request: LMRequest) {
    if dialect == .peer { noteMiss(request) }
    worker.metrics.requests.add(.getMiss)
    append(.empty(found: false))
  }

  private func answer(_ pin: consuming Pin) {
    worker.metrics.requests.add(.getHit)
    append(LMReplyHeader(code: .success, length: pin.length, meta: pin.meta))
    if pin.length == 0 { worker.metrics.record(.get, nanoseconds: elapsed) }
    if outbox.pinnedBytes == 0 { connection.pace.begin(now: loop.now) }
    outbox.append(pin)
  }

  private func find(_ request: LMRequest) -> Finding {
    let header = connection.inbound
    return lane.find(
      key: header.bytes.extracting(request.keyRange), kind: kind, now: loop.now, burst: &burst)
  }

  /// Sends up to a slice of what waits.
  func sendSome() async throws(SessionEnd) {
    if outbox.valueCount > 0 { await loop.bulkTurn(bytes: min(outbox.valueBytes, Limits.sliceBytes)) }
    let sent = try await sendGathered()
    // What is sent acknowledges what has come.
    shouldAcknowledge = false
    let before = outbox.valueCount
    outbox.drop(sent)
    let whole = before - outbox.valueCount
    if whole > 0 { worker.metrics.record(.get, nanoseconds: elapsed, count: whole) }
    if connection.mustGiveWay(pinnedBytes: outbox.pinnedBytes) { throw SessionEnd(Refusal.pinsWanted) }
  }

  /// How much the kernel took. It may be long before it takes something, and what could be lent at first may have to be
  /// copied then: so each try gathers anew.
  private func sendGathered() async throws(SessionEnd) -> Int {
    let began = loop.now
    while true {
      let gathered = outbox.gather(into: connection.buffers.regions, lends: connection.lends)
      do {
        return try await connection.send(
          gathered, from: connection.buffers.regions, deadline: loop.now + Limits.sendTickNanoseconds)
      } catch {
        guard error == .timedOut, loop.now - began < Limits.sendStallNanoseconds else {
          throw SessionEnd(sending: error)
        }
        if connection.mustGiveWay(pinnedBytes: outbox.pinnedBytes) { throw SessionEnd(Refusal.pinsWanted) }
      }
    }
  }
}

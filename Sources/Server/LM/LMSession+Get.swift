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
    connection.append(pin)
  }

  private func find(_ request: LMRequest) -> Finding {
    let header = connection.inbound
    return lane.find(
      key: header.bytes.extracting(request.keyRange), kind: kind, now: loop.now, burst: &burst)
  }

  /// Sends up to a slice of what waits.
  func sendSome() async throws(SessionEnd) {
    let whole = try await connection.sendSome(by: connection.buffers.regions)
    // What is sent acknowledges what has come.
    shouldAcknowledge = false
    if whole > 0 { worker.metrics.record(.get, nanoseconds: elapsed, count: whole) }
  }
}

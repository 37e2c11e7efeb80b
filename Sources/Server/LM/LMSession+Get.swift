import Base
import Glibc
import IO
import Store
import Wire
import Tier

/// The way of a GET: find and pin, then header and value leave from where they lie, with what waits before and behind them.
extension LMSession {
  /// Where a reply has room. The value, if only a device has it: then nothing is answered yet.
  func get(_ request: LMRequest) -> ValueRef? {
    guard isUsable(request) else {
      answerMiss(of: request)
      return nil
    }
    switch find(request) {
    case .memory(let pin): answer(pin)
    case .absent: answerMiss(of: request)
    case .disk(let ref): return ref
    }
    return nil
  }

  /// Brings the value into memory first. What was asked for before it is answered meanwhile.
  func get(_ request: LMRequest, from ref: ValueRef) async throws(SessionEnd) {
    var away: ValueRef? = ref
    var attempts = 0
    while let ref = away, attempts < Limits.bringAttemptsMax {
      try await flush()
      let value = await worker.server.tier?.bring(ref, by: lane, now: loop.now)
      // What was brought cannot leave again before it is looked up; and where it could not be had, another may be there by now.
      away = withExtendedLifetime(value) { lane.countingDiskHits { get(request) } }
      if value == nil, away == ref { break }
      attempts += 1
    }
    guard away != nil else { return }
    connection.inbound.bytes.extracting(request.keyRange).withUnsafeBytes {
      lane.countMiss(ofKey: $0, by: burst.asker, now: loop.now)
    }
    answerMiss(of: request)
  }

  private func answerMiss(of request: LMRequest) {
    if dialect == .peer { noteMiss(request) }
    connection.consume(generation.requestBytes)
    worker.metrics.requests.add(.getMiss)
    append(.empty(found: false))
  }

  private func answer(_ pin: consuming Pin) {
    connection.consume(generation.requestBytes)
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

import Base
import Glibc
import IO
import Store
import Wire

/// The way of a PUT: bytes land in their pages as they arrive, and only a whole body becomes visible. Nothing is answered.
extension LMSession {
  func put(_ announced: LMRequest) async throws(SessionEnd) {
    guard let request = try await understood(announced) else { return }
    // The answers to what came before do not wait for a body that is still on its way.
    if connection.inbound.count < generation.requestBytes + request.length { try await flush() }
    guard isUsable(request), var reservation = begin(request) else {
      connection.consume(generation.requestBytes)
      worker.metrics.requests.add(.putDrained)
      return dialect == .peer ? try await reply(.empty(found: false)) : try await drain(request.length)
    }
    connection.consume(generation.requestBytes)
    if dialect == .peer { try await acceptMove() }
    let ending: BodyEnding
    do throws(SessionEnd) {
      ending = try await fill(&reservation)
    } catch {
      reservation.abandon(.connectionLost)
      worker.metrics.requests.add(.putAborted)
      throw error
    }
    shouldAcknowledge = true
    switch ending {
    case .whole:
      reservation.publish(now: loop.now, burst: &burst)
      worker.metrics.requests.add(.putStored)
      worker.metrics.record(.put, nanoseconds: elapsed)
    case .drop(let reason):
      let left = reservation.length - reservation.received
      reservation.abandon(reason)
      // What a silent peer would send next begins nobody knows where.
      if dialect == .peer, reason == .silent { throw SessionEnd(.silentBody) }
      worker.metrics.requests.add(.putDrained)
      try await drain(left)
    }
  }

  private func begin(_ request: LMRequest) -> Reservation? {
    let header = connection.inbound
    return lane.begin(
      key: header.bytes.extracting(request.keyRange), length: request.length, meta: request.meta, now: loop.now)
  }

  /// Receives the body until it is whole, or until the store wants its pages back.
  private func fill(_ reservation: inout Reservation) async throws(SessionEnd) -> BodyEnding {
    var lastByte = loop.now
    while reservation.received < reservation.length {
      // Pages are taken for bytes that are there: a claim alone costs nothing.
      if connection.inbound.isEmpty, reservation.received == 0 {
        let deadline = loop.now + silentNanoseconds
        guard try await receiveBuffered(options: .acknowledge, deadline: deadline) else { return .drop(.silent) }
        lastByte = loop.now
      }
      let end = min(reservation.received + Limits.sliceBytes, reservation.length)
      switch reservation.extend(to: end, now: loop.now) {
      case .ready: break
      case .drop(let reason): return .drop(reason)
      case .wait:
        // What waits to be sent holds pages too.
        try await flush()
        await loop.sleepUntilNudged(nanoseconds: Limits.pageWaitNanoseconds)
        continue
      }
      if !connection.inbound.isEmpty {
        takeBuffered(&reservation)
      } else if try await receivePart(&reservation, end: end) {
        lastByte = loop.now
      } else if reservation.isCondemned {
        return .drop(.condemned)
      } else if loop.now - lastByte >= silentNanoseconds {
        return .drop(.silent)
      }
    }
    return .whole
  }

  /// A moved body follows the answer at once; one that stays out was announced longer than it is.
  private var silentNanoseconds: UInt64 {
    dialect == .peer ? Limits.silentMoveNanoseconds : Limits.silentBodyNanoseconds
  }

  /// Moves what came with the header to its place.
  private func takeBuffered(_ reservation: inout Reservation) {
    connection.consume(reservation.take(connection.inbound, by: connection.buffers.regions, now: loop.now))
  }

  /// Receives into the connection's buffer. False when nothing came until the deadline.
  private func receiveBuffered(
    options: ReceiveOptions = [], deadline: UInt64
  ) async throws(SessionEnd) -> Bool {
    let isMore: Bool
    do {
      isMore = try await connection.receiveMore(options: options, deadline: deadline)
    } catch {
      if error == .timedOut { return false }
      throw SessionEnd(receiving: error)
    }
    guard isMore else { throw SessionEnd(.bodyCutShort) }
    return true
  }

  /// Receives more of the body. A small one comes by way of wide buffers, together with the requests behind it; behind the
  /// end of another, what follows it comes along, most often the question whether it was kept.
  /// False when nothing came for a while.
  private func receivePart(_ reservation: inout Reservation, end: Int) async throws(SessionEnd) -> Bool {
    guard reservation.length <= Limits.gatheredBytesMax, connection.widen() else {
      let overflow = try await connection.receive(
        into: &reservation, upTo: end, overflow: connection.roomForInbound)
      if let overflow { connection.tookIn(overflow) }
      return overflow != nil
    }
    return try await receiveBuffered(deadline: loop.now + Limits.bodyTickNanoseconds)
  }

  /// Takes a body in and drops it.
  private func drain(_ length: Int) async throws(SessionEnd) {
    let buffered = min(length, connection.inbound.count)
    connection.consume(buffered)
    worker.metrics.bytesDrained.add(length)
    try await connection.receiveNowhere(length - buffered)
    shouldAcknowledge = true
  }
}

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
    defer { connection.settleClaims(to: 0) }
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
      // Where a silent peer's next request would begin is not known.
      if dialect == .peer, reason == .silent { throw SessionEnd(.silentBody) }
      worker.metrics.requests.add(.putDrained)
      try await drain(left)
    }
  }

  private func begin(_ request: LMRequest) -> Reservation? {
    let header = connection.inbound
    let key = header.bytes.extracting(request.keyRange)
    lane.noteWriter(burst.asker)
    if key.byteCount >= Limits.hintKeyBytes { worker.metrics.longKeys.add() }
    guard connection.claim(request.length) else {
      lane.refuse(key: key, length: request.length, meta: request.meta, now: loop.now, .addressLimit)
      return nil
    }
    return lane.begin(key: key, length: request.length, meta: request.meta, now: loop.now)
  }

  /// Receives the body until it is whole, or until the store wants its pages back.
  private func fill(_ reservation: inout Reservation) async throws(SessionEnd) -> BodyEnding {
    // Pages are taken for bytes that are there: a claim alone costs nothing.
    if connection.inbox.isEmpty, reservation.length > 0 {
      guard try await receiveFirst() else { return .drop(.silent) }
    }
    return try await connection.receiveBody(
      into: &reservation, isGathered: true, silentNanoseconds: silentNanoseconds
    ) { pause async throws(SessionEnd) in
      // What waits to be sent holds pages too.
      if pause == .pages { try await flush() }
    }
  }

  /// A moved body follows the answer at once; one that stays out was announced longer than it is.
  private var silentNanoseconds: UInt64 {
    dialect == .peer ? Limits.silentMoveNanoseconds : Limits.silentBodyNanoseconds
  }

  /// Receives the first bytes of a body into the inbox. False when nothing came.
  private func receiveFirst() async throws(SessionEnd) -> Bool {
    let isMore: Bool
    do {
      isMore = try await connection.receiveMore(options: .acknowledge, deadline: loop.now + silentNanoseconds)
    } catch {
      if error == .timedOut { return false }
      throw SessionEnd(receiving: error)
    }
    guard isMore else { throw SessionEnd(.bodyCutShort) }
    return true
  }

  /// Takes a body in and drops it.
  private func drain(_ length: Int) async throws(SessionEnd) {
    try await connection.drop(length)
    shouldAcknowledge = true
  }
}

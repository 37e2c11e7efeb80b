import Base
import Glibc
import IO
import Store

/// How the receiving of a body ended.
enum BodyEnding {
  case whole
  case drop(DropReason)
}

/// Where a body is on its way, for the session to do meanwhile what cannot wait.
enum BodyPause {
  /// Pages are being made free, and may be a while.
  case pages
  case bytesCame
  case nothingCame
}

/// Bodies on their way in: straight into their pages, or nowhere.
extension Connection {
  /// Receives a body until it is whole, or until the store wants its pages back. What has arrived of it stands at `offset`
  /// of the inbox; what comes behind its end goes there as well.
  /// - Parameters:
  ///   - isGathered: a small body comes by way of a wide buffer, together with the requests behind it.
  ///   - silentNanoseconds: how long nothing may come.
  ///   - meanwhile: is called at each pause.
  func receiveBody(
    into reservation: inout Reservation, at offset: Int = 0, isGathered: Bool = false, silentNanoseconds: UInt64,
    meanwhile: (BodyPause) async throws(SessionEnd) -> Void
  ) async throws(SessionEnd) -> BodyEnding {
    let loop = worker.loop
    var lastByte = loop.now
    while reservation.received < reservation.length {
      let end = min(reservation.received + Limits.sliceBytes, reservation.length)
      switch reservation.extend(to: end, now: loop.now) {
      case .ready: break
      case .drop(let reason): return .drop(reason)
      case .wait:
        try await waitForPages(meanwhile)
        continue
      }
      if inbox.count > offset {
        let arrived = UnsafeRawBufferPointer(rebasing: inbound[offset...])
        inbox.cut(reservation.take(arrived, by: buffers.regions, now: loop.now), at: offset)
      } else if try await receivePart(of: &reservation, upTo: end, isGathered: isGathered) {
        lastByte = loop.now
        try await meanwhile(.bytesCame)
      } else if reservation.isCondemned {
        return .drop(.condemned)
      } else if loop.now - lastByte >= silentNanoseconds {
        return .drop(.silent)
      } else {
        try await meanwhile(.nothingCame)
      }
    }
    return .whole
  }

  /// Copies a whole body that lies elsewhere into its pages.
  func copyBody(
    _ bytes: UnsafeRawBufferPointer, into reservation: inout Reservation,
    meanwhile: (BodyPause) async throws(SessionEnd) -> Void
  ) async throws(SessionEnd) -> BodyEnding {
    while reservation.received < bytes.count {
      let end = min(reservation.received + Limits.sliceBytes, bytes.count)
      switch reservation.extend(to: end, now: worker.loop.now) {
      case .ready:
        let rest = UnsafeRawBufferPointer(rebasing: bytes[reservation.received..<end])
        _ = reservation.take(rest, by: buffers.regions, now: worker.loop.now)
      case .drop(let reason): return .drop(reason)
      case .wait: try await waitForPages(meanwhile)
      }
    }
    return .whole
  }

  private func waitForPages(_ meanwhile: (BodyPause) async throws(SessionEnd) -> Void) async throws(SessionEnd) {
    try await meanwhile(.pages)
    await worker.loop.sleepUntilNudged(nanoseconds: Limits.pageWaitNanoseconds)
  }

  /// Receives more of a body: by way of a wide buffer, or straight into its pages. False when nothing came for a while.
  private func receivePart(
    of reservation: inout Reservation, upTo end: Int, isGathered: Bool
  ) async throws(SessionEnd) -> Bool {
    let deadline = worker.loop.now + Limits.bodyTickNanoseconds
    let isMore: Bool
    do {
      if isGathered, reservation.length <= Limits.gatheredBytesMax, inbox.widen(from: worker.wideBuffers) {
        isMore = try await receiveMore(deadline: deadline)
      } else {
        isMore = try await receiveSlice(of: &reservation, upTo: end, deadline: deadline)
      }
    } catch {
      if error == .timedOut { return false }
      throw SessionEnd(receiving: error)
    }
    guard isMore else { throw SessionEnd(.bodyCutShort) }
    return true
  }

  /// Receives more of a body, up to `end`, once it is its turn; what comes behind a whole one goes to the inbox. False at the
  /// peer's end.
  private func receiveSlice(
    of reservation: inout Reservation, upTo end: Int, deadline: UInt64
  ) async throws(IOFailure) -> Bool {
    let wanted = end - reservation.received
    await worker.loop.bulkTurn(bytes: wanted)
    let places = UnsafeMutableBufferPointer(rebasing: buffers.regions[..<(buffers.regions.count - 1)])
    var count = reservation.regions(from: reservation.received, max: wanted, into: places)
    let overflow = inbox.room
    if end == reservation.length, overflow.count > 0, places.byteCount(ofFirst: count) == wanted {
      buffers.regions[count] = iovec(iov_base: overflow.baseAddress!, iov_len: overflow.count)
      count += 1
    }
    // The client may hold back the rest until this side acknowledges.
    let options: ReceiveOptions = reservation.received == 0 ? .acknowledge : []
    let received = try await receiveRegions(count, options: options, deadline: deadline)
    reservation.advance(by: min(received, wanted), now: worker.loop.now)
    if received > wanted { inbox.arrived(received - wanted) }
    return received > 0
  }

  /// Takes in bytes that nothing wants: a client that is not read from stalls its whole engine. Those that have arrived
  /// stand at `offset` of the inbox.
  /// - Parameters:
  ///   - tickNanoseconds: how long at most without a call of `look`; nil calls it for bytes only.
  ///   - look: is told whether bytes came.
  func drop(
    _ count: Int, at offset: Int = 0, tickNanoseconds: UInt64? = nil,
    look: (_ hasArrived: Bool) throws(SessionEnd) -> Void = { _ in }
  ) async throws(SessionEnd) {
    let arrived = min(count, inbox.count - offset)
    inbox.cut(arrived, at: offset)
    worker.metrics.bytesDrained.add(count)
    var left = count - arrived
    var options = ReceiveOptions.acknowledgeDiscard
    while left > 0 {
      let slice = min(left, Limits.sliceBytes)
      await worker.loop.bulkTurn(bytes: slice)
      buffers.regions[0] = iovec(iov_base: worker.scratch.baseAddress!, iov_len: slice)
      let received: Int
      do {
        received = try await receiveRegions(
          1, options: options, deadline: tickNanoseconds.map { worker.loop.now + $0 } ?? EventLoop.never)
      } catch {
        guard error == .timedOut else { throw SessionEnd(receiving: error) }
        try look(false)
        continue
      }
      guard received > 0 else { throw SessionEnd(.bodyCutShort) }
      left -= received
      try look(true)
      options = .discard
    }
  }
}

extension Reservation {
  /// Copies bytes that have arrived to their places, as many as there is room for; how many.
  fileprivate mutating func take(
    _ bytes: UnsafeRawBufferPointer, by regions: UnsafeMutableBufferPointer<iovec>, now: UInt64
  ) -> Int {
    let count = self.regions(from: received, max: min(bytes.count, length - received), into: regions)
    var (copied, position) = (0, 0)
    while position < count {
      memcpy(regions[position].iov_base, bytes.baseAddress! + copied, regions[position].iov_len)
      copied += regions[position].iov_len
      position += 1
    }
    advance(by: copied, now: now)
    return copied
  }
}

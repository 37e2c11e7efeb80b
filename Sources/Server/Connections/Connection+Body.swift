import Base
import Glibc
import IO
import Store

/// Bodies on their way in: straight into their pages, or nowhere.
extension Connection {
  /// Receives more of a body, up to `end`, once it is its turn; what comes behind a whole one goes to `overflow`, and how
  /// much that is comes back. Nil when nothing came for a while.
  func receive(
    into reservation: inout Reservation, upTo end: Int, overflow: UnsafeMutableRawBufferPointer,
    options: ReceiveOptions = []
  ) async throws(SessionEnd) -> Int? {
    let wanted = end - reservation.received
    await worker.loop.bulkTurn(bytes: wanted)
    let places = UnsafeMutableBufferPointer(rebasing: buffers.regions[..<(buffers.regions.count - 1)])
    var count = reservation.regions(from: reservation.received, max: wanted, into: places)
    if end == reservation.length, overflow.count > 0, places.byteCount(ofFirst: count) == wanted {
      buffers.regions[count] = iovec(iov_base: overflow.baseAddress!, iov_len: overflow.count)
      count += 1
    }
    let received: Int
    do {
      received = try await receiveRegions(
        count, options: options, deadline: worker.loop.now + Limits.bodyTickNanoseconds)
    } catch {
      if error == .timedOut { return nil }
      throw SessionEnd(receiving: error)
    }
    guard received > 0 else { throw SessionEnd(.bodyCutShort) }
    reservation.advance(by: min(received, wanted), now: worker.loop.now)
    return max(0, received - wanted)
  }

  /// Receives bytes and drops them: a client that is not read from stalls its whole engine.
  /// - Parameters:
  ///   - tickNanoseconds: how long at most without a call of `look`; nil calls it for bytes only.
  ///   - look: is told whether bytes came.
  func receiveNowhere(
    _ count: Int, tickNanoseconds: UInt64? = nil, look: (_ hasArrived: Bool) -> Void = { _ in }
  ) async throws(SessionEnd) {
    var left = count
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
        look(false)
        continue
      }
      guard received > 0 else { throw SessionEnd(.bodyCutShort) }
      left -= received
      look(true)
      options = .discard
    }
  }
}

extension Reservation {
  /// Copies bytes that have arrived to their places, as many as there is room for; how many.
  mutating func take(
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

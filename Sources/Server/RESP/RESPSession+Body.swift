import Base
import Glibc
import IO
import Store
import Wire

/// The way of a value: bytes land straight in their pages as they arrive. It becomes visible when its request is
/// executed, because options that decide about it come behind it.
extension RESPSession {
  /// A long argument begins at `offset` of what has arrived.
  func takeBody(_ length: Int, at offset: Int) async throws(SessionEnd) {
    requestBase = inbox.base
    let index = decoder.argumentCount
    guard isValue(index) else {
      guard length > Limits.nameBytesMax else { return decoder.gatherBody() }
      return try await dropBody(length, at: offset, index: index)
    }
    guard var reservation = begin(index, length: length) else {
      worker.metrics.bytesDrained.add(length)
      return try await dropBody(length, at: offset, index: index)
    }
    work.ring()
    let ending: Ending
    do throws(SessionEnd) {
      if let early = await takeArrived(&reservation, at: offset) {
        ending = early
      } else {
        ending = try await fill(&reservation)
      }
    } catch {
      worker.metrics.requests.add(.respSetAborted)
      throw error
    }
    let received = reservation.received
    switch ending {
    case .whole:
      shouldAcknowledge = true
      decoder.takeBody()
      bodies.append(RESPBody(argument: index, length: length, reservation: reservation))
    case .drop(let reason):
      reservation.abandon(reason)
      worker.metrics.bytesDrained.add(length - received)
      try await drain(length - received, at: offset)
      decoder.takeBody()
      bodies.append(RESPBody(argument: index, length: length, reservation: nil))
    }
  }

  private enum Ending {
    case whole
    case drop(DropReason)
  }

  /// Whether the argument that comes next is a value of a request that may store one.
  private func isValue(_ index: Int) -> Bool {
    guard client.isAuthenticated, index > 1,
      case .command(let command) = RESPCommandTable.find(argument(0), second: nil)
    else { return false }
    return command.isValue(index) && command.accepts(decoder.announcedCount)
      && (command != .mset || decoder.announcedCount % 2 == 1)
  }

  private func begin(_ index: Int, length: Int) -> Reservation? {
    let name = argument(command(of: argument(0)) == .setex ? index - 2 : index - 1)
    guard isUsable(name: name) else { return nil }
    return lane.begin(name: name.bytes, length: length, now: loop.now)
  }

  private func command(of word: UnsafeRawBufferPointer) -> RESPCommand? {
    if case .command(let command) = RESPCommandTable.find(word, second: nil) { command } else { nil }
  }

  /// Moves what came in one piece with the request to its place. Nil: the rest is still to come.
  private func takeArrived(_ reservation: inout Reservation, at offset: Int) async -> Ending? {
    let arrived = min(reservation.length, inbox.count - offset)
    defer { inbox.cut(reservation.received, at: offset) }
    while reservation.received < arrived {
      let end = min(reservation.received + Limits.sliceBytes, arrived)
      switch reservation.extend(to: end, now: loop.now) {
      case .ready: copy(into: &reservation, upTo: end, from: offset)
      case .drop(let reason): return .drop(reason)
      case .wait: await loop.sleep(nanoseconds: Limits.pageWaitNanoseconds)
      }
    }
    return reservation.received == reservation.length ? .whole : nil
  }

  private func copy(into reservation: inout Reservation, upTo end: Int, from offset: Int) {
    let source = inbox.base + offset
    let regions = connection.buffers.regions
    let count = reservation.regions(from: reservation.received, max: end - reservation.received, into: regions)
    var position = 0
    while position < count {
      memcpy(regions[position].iov_base, source + reservation.received, regions[position].iov_len)
      reservation.advance(by: regions[position].iov_len, now: loop.now)
      position += 1
    }
  }

  /// Receives the value until it is whole, or until the store wants its pages back.
  private func fill(_ reservation: inout Reservation) async throws(SessionEnd) -> Ending {
    var lastByte = loop.now
    while reservation.received < reservation.length {
      let end = min(reservation.received + Limits.sliceBytes, reservation.length)
      switch reservation.extend(to: end, now: loop.now) {
      case .ready: break
      case .drop(let reason): return .drop(reason)
      case .wait:
        await loop.sleep(nanoseconds: Limits.pageWaitNanoseconds)
        continue
      }
      if try await receiveSlice(&reservation, end: end) {
        lastByte = loop.now
      } else if reservation.isCondemned {
        return .drop(.condemned)
      } else if loop.now - lastByte >= Limits.silentBodyNanoseconds {
        return .drop(.silent)
      }
    }
    return .whole
  }

  /// Receives up to `end` straight into the pages; what comes behind the whole value, its line end at least, goes where the
  /// next request is gathered. False when nothing came for a while.
  private func receiveSlice(_ reservation: inout Reservation, end: Int) async throws(SessionEnd) -> Bool {
    let wanted = end - reservation.received
    await loop.bulkTurn(bytes: wanted)
    let regions = connection.buffers.regions
    let places = UnsafeMutableBufferPointer(rebasing: regions[..<(regions.count - 1)])
    var count = reservation.regions(from: reservation.received, max: wanted, into: places)
    if end == reservation.length, inbox.room.count > 0, places.byteCount(ofFirst: count) == wanted {
      regions[count] = iovec(iov_base: inbox.room.baseAddress!, iov_len: inbox.room.count)
      count += 1
    }
    let received: Int
    do {
      received = try await loop.receive(
        connection.descriptor, into: regions.baseAddress!, count: count,
        options: reservation.received == 0 ? .acknowledge : [], deadline: loop.now + Limits.bodyTickNanoseconds)
    } catch {
      if error == .timedOut { return false }
      throw SessionEnd(receiving: error)
    }
    guard received > 0 else { throw SessionEnd(.bodyCutShort) }
    worker.metrics.bytesReceived.add(received)
    reservation.advance(by: min(received, wanted), now: loop.now)
    inbox.arrive(max(0, received - wanted))
    return true
  }

  // MARK: Dropping

  private func dropBody(_ length: Int, at offset: Int, index: Int) async throws(SessionEnd) {
    try await drain(length, at: offset)
    decoder.takeBody()
    bodies.append(RESPBody(argument: index, length: length, reservation: nil))
  }

  /// Takes bytes in and drops them: a client that is not read from stalls its whole engine.
  private func drain(_ length: Int, at offset: Int) async throws(SessionEnd) {
    work.ring()
    let arrived = min(length, inbox.count - offset)
    inbox.cut(arrived, at: offset)
    var left = length - arrived
    while left > 0 {
      let slice = min(left, Limits.sliceBytes)
      await loop.bulkTurn(bytes: slice)
      connection.buffers.regions[0] = iovec(iov_base: worker.scratch.baseAddress!, iov_len: slice)
      let received: Int
      do {
        received = try await loop.receive(
          connection.descriptor, into: connection.buffers.regions.baseAddress!, count: 1, options: .discard)
      } catch {
        throw SessionEnd(receiving: error)
      }
      guard received > 0 else { throw SessionEnd(.bodyCutShort) }
      worker.metrics.bytesReceived.add(received)
      left -= received
    }
    shouldAcknowledge = true
  }
}

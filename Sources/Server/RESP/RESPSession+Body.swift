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
      // No name is so long, and nothing is found under it. What is more than a name has to be there.
      guard length > Limits.nameBytesMax, !takesLongWords else { return decoder.gatherBody() }
      return try await dropBody(length, at: offset, index: index)
    }
    guard mayHoldAnotherValue else {
      // A small one finds its place when its request is executed.
      guard length > Limits.nameBytesMax else { return decoder.gatherBody() }
      lane.counters.countDrop(.tooManyBodies)
      worker.metrics.bytesDrained.add(length)
      return try await dropBody(length, at: offset, index: index)
    }
    guard var reservation = begin(index, length: length) else {
      worker.metrics.bytesDrained.add(length)
      return try await dropBody(length, at: offset, index: index)
    }
    work.ring()
    let ending: BodyEnding
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

  /// Whether the argument that comes next is a value of a request that may store one.
  private func isValue(_ index: Int) -> Bool {
    guard client.isAuthenticated, index > 1,
      case .command(let command) = RESPCommandTable.find(argument(0), second: nil)
    else { return false }
    return command.isValue(index) && command.accepts(decoder.announcedCount)
      && (command != .mset || decoder.announcedCount % 2 == 1)
  }

  private var takesLongWords: Bool {
    guard argumentCount > 0,
      case .command(let command) = RESPCommandTable.find(argument(0), second: argumentCount > 1 ? argument(1) : nil)
    else { return false }
    return command.takesLongWords
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
  private func takeArrived(_ reservation: inout Reservation, at offset: Int) async -> BodyEnding? {
    let arrived = min(reservation.length, inbox.count - offset)
    defer { inbox.cut(reservation.received, at: offset) }
    while reservation.received < arrived {
      let end = min(reservation.received + Limits.sliceBytes, arrived)
      switch reservation.extend(to: end, now: loop.now) {
      case .ready:
        let received = reservation.received
        let bytes = UnsafeRawBufferPointer(start: inbox.base + offset + received, count: end - received)
        _ = reservation.take(bytes, by: connection.buffers.regions, now: loop.now)
      case .drop(let reason): return .drop(reason)
      case .wait:
        lookAfterValues()
        await loop.sleepUntilNudged(nanoseconds: Limits.pageWaitNanoseconds)
      }
    }
    return reservation.received == reservation.length ? .whole : nil
  }

  /// Receives the value until it is whole, or until the store wants its pages back.
  private func fill(_ reservation: inout Reservation) async throws(SessionEnd) -> BodyEnding {
    noteArrival()
    while reservation.received < reservation.length {
      let end = min(reservation.received + Limits.sliceBytes, reservation.length)
      switch reservation.extend(to: end, now: loop.now) {
      case .ready: break
      case .drop(let reason): return .drop(reason)
      case .wait:
        lookAfterValues()
        await loop.sleepUntilNudged(nanoseconds: Limits.pageWaitNanoseconds)
        continue
      }
      if try await receiveSlice(&reservation, end: end) {
        noteArrival()
        lookAfterValues()
      } else if reservation.isCondemned {
        return .drop(.condemned)
      } else if isSilent {
        return .drop(.silent)
      } else {
        lookAfterValues()
      }
    }
    return .whole
  }

  /// Receives up to `end` straight into the pages; what comes behind the whole value, its line end at least, goes where the
  /// next request is gathered. False when nothing came for a while.
  private func receiveSlice(_ reservation: inout Reservation, end: Int) async throws(SessionEnd) -> Bool {
    let overflow = try await connection.receive(
      into: &reservation, upTo: end, overflow: inbox.room, options: reservation.received == 0 ? .acknowledge : [])
    guard let overflow else { return false }
    inbox.arrive(overflow)
    return true
  }

  // MARK: Dropping

  private func dropBody(_ length: Int, at offset: Int, index: Int) async throws(SessionEnd) {
    try await drain(length, at: offset)
    decoder.takeBody()
    bodies.append(RESPBody(argument: index, length: length, reservation: nil))
  }

  /// Takes bytes in and drops them.
  private func drain(_ length: Int, at offset: Int) async throws(SessionEnd) {
    work.ring()
    let arrived = min(length, inbox.count - offset)
    inbox.cut(arrived, at: offset)
    try await connection.receiveNowhere(length - arrived, tickNanoseconds: Limits.bodyTickNanoseconds) { hasArrived in
      if hasArrived { noteArrival() }
      lookAfterValuesOfSilent()
    }
  }
}

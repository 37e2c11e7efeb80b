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
    requestBase = connection.inbox.base
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
      return try await dropBody(length, at: offset, index: index)
    }
    guard var reservation = begin(index, length: length) else {
      return try await dropBody(length, at: offset, index: index)
    }
    work.ring()
    let ending: BodyEnding
    do throws(SessionEnd) {
      noteArrival()
      ending = try await connection.receiveBody(
        into: &reservation, at: offset, silentNanoseconds: Limits.silentBodyNanoseconds
      ) { pause async throws(SessionEnd) in
        if pause == .bytesCame { noteArrival() }
        lookAfterValues()
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

  // MARK: Dropping

  private func dropBody(_ length: Int, at offset: Int, index: Int) async throws(SessionEnd) {
    try await drain(length, at: offset)
    decoder.takeBody()
    bodies.append(RESPBody(argument: index, length: length, reservation: nil))
  }

  /// Takes bytes in and drops them.
  private func drain(_ length: Int, at offset: Int) async throws(SessionEnd) {
    work.ring()
    try await connection.drop(length, at: offset, tickNanoseconds: Limits.bodyTickNanoseconds) { hasArrived in
      if hasArrived { noteArrival() }
      lookAfterValuesOfSilent()
    }
  }
}

import Base
import Glibc
import IO
import Objects
import Store
import Wire

/// The way of a value: bytes land straight in their pages as they arrive. It becomes visible when its request is
/// executed, because options that decide about it come behind it.
extension RESPSession {
  /// A long argument begins at `offset` of what has arrived.
  func takeBody(_ length: Int, at offset: Int) async throws(SessionEnd) {
    requestBase = connection.inbox.base
    let index = decoder.argumentCount
    guard door.registry == nil else { throw refuseLongArgument() }
    let finding = finding
    let command = finding?.command
    guard let name = nameOfValue(index, of: command) else {
      // No name is so long, and nothing is found under it. What is more than a name has to be there.
      guard length > Limits.nameBytesMax, command?.traits.contains(.takesLongWords) != true else {
        return decoder.gatherBody()
      }
      return try await dropBody(length, at: offset, index: index)
    }
    // What its user may not store takes no room from others; the request is refused when it is whole.
    guard let finding, mayStore(name: argument(name), by: finding.place) else {
      return try await dropBody(length, at: offset, index: index)
    }
    lane.noteWriter(burst.asker)
    guard mayHoldAnotherValue else {
      // A small one finds its place when its request is executed.
      guard length > Limits.nameBytesMax else { return decoder.gatherBody() }
      lane.counters.countDrop(.tooManyBodies)
      return try await dropBody(length, at: offset, index: index)
    }
    guard isUsable(name: argument(name)), mayClaim(length),
      var reservation = lane.begin(name: argument(name).bytes, length: length, now: loop.now)
    else {
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

  private func mayClaim(_ length: Int) -> Bool {
    settleClaims()
    if connection.claim(length) { return true }
    lane.counters.countDrop(.addressLimit)
    return false
  }

  /// Of the request that is being read, if its first words are there.
  private var finding: (command: RESPCommand, place: Int)? {
    guard argumentCount > 0,
      case .command(let command, let place) = door.commands.find(
        argument(0), second: argumentCount > 1 ? argument(1) : nil)
    else { return nil }
    return (command, place)
  }

  /// The argument that names the value at this one, in a request that may store one.
  private func nameOfValue(_ index: Int, of command: RESPCommand?) -> Int? {
    isAuthenticated ? command?.name(ofValue: index, of: decoder.announcedCount) : nil
  }

  /// Nothing that belongs to the registry is so long, and it would have to be received to its end.
  private func refuseLongArgument() -> SessionEnd {
    enter(.closing)
    reply(error: "ERR this registry takes no such long argument")
    return SessionEnd(.registryArgumentTooLong)
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

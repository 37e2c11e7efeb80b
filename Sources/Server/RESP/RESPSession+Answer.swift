import Base
import Objects
import Store
import IO
import Wire

/// From a decoded request to the command that answers it, with the checks that all commands share, in Redis's order.
extension RESPSession {
  func answer(arrived: UInt64) async throws(SessionEnd) {
    guard isStillKnown() else { return }
    switch door.commands.find(argument(0), second: argumentCount > 1 ? argument(1) : nil) {
    case .unknown: try refuseUnknown()
    case .unknownMember: refuseMember()
    case .command(let command, let place):
      guard command.accepts(argumentCount) else { return refuseArity(command) }
      guard isAuthenticated || command.traits.contains(.needsNoPassword) else {
        worker.metrics.refusals.add(.notAuthenticated)
        return refuse(command, code: "") { $0.appendError("NOAUTH Authentication required.", into: &$1) }
      }
      if let objection = await objection(to: command, at: place) { return refuse(command, objection) }
      if isQueueing, !command.traits.contains(.isTransactional) { return queue() }
      try await execute(command)
      record(command, arrived: arrived)
    }
  }

  func execute(_ command: RESPCommand) async throws(SessionEnd) {
    switch command.handler {
    case .quick(let run):
      run(self)
      if away != nil { try await runAgain(run) }
    case .waiting(let run): try await run(self)
    }
  }

  /// It wants a value that only a device has.
  private func runAgain(_ run: (RESPSession) -> Void) async throws(SessionEnd) {
    var attempts = 0
    while attempts < Limits.bringAttemptsMax, let ref = away.take() {
      let value = await bring(ref)
      // What was brought is still here; where it could not be had, another value may have taken its place.
      withExtendedLifetime(value) { lane.countingDiskHits { run(self) } }
      if value == nil, away == ref { break }
      attempts += 1
    }
    if away.take() != nil { missAway(argument(1)) }
  }

  // MARK: Refusals

  func refuseArity(_ command: RESPCommand) {
    refuse(command, code: "ERR ") { encoder, output in
      encoder.appendError("wrong number of arguments for '", into: &output)
      encoder.appendError(command.name, into: &output)
      encoder.appendError("' command", into: &output)
    }
  }

  /// A request that is not executed spoils the transaction it stands in; an EXEC ends it.
  func refuse(
    _ command: RESPCommand, code: StaticString, _ body: (RESPReplyEncoder, inout OutputRawSpan) -> Void
  ) {
    noteRefused()
    let isExec = command === RESPCommand.exec
    if isExec, isQueueing { endTransaction() }
    reply(room: 256 + Limits.userNameBytesMax) { encoder, output in
      encoder.beginError(isExec ? "EXECABORT Transaction discarded because of: " : code, into: &output)
      body(encoder, &output)
      encoder.lineEnd(into: &output)
    }
  }

  private func noteRefused() {
    if isQueueing { enter(.queueing(isBroken: true)) }
    if door.registry == nil { worker.metrics.requests.add(.respRefused) }
  }

  private func refuseUnknown() throws(SessionEnd) {
    // A browser was made to send HTTP here; what follows its head could be commands.
    if argument(0).isWord("post") || argument(0).isWord("host:") { throw SessionEnd(.crossProtocol) }
    noteRefused()
    let quotedMax = 128
    let name = Self.quotable(argument(0), max: quotedMax)
    if let hint = door.commands.hint {
      return reply(room: quotedMax + 96) { $0.error("ERR unknown command '", quoting: name.bytes, hint, into: &$1) }
    }
    reply(room: 4 * quotedMax + 64) { encoder, output in
      var listed = 0
      encoder.beginError("ERR unknown command '", quoting: name.bytes, into: &output)
      encoder.appendError("', with args beginning with: ", into: &output)
      var index = 1
      while index < argumentCount, listed < quotedMax {
        let word = Self.quotable(argument(index), max: quotedMax - listed)
        encoder.appendError("'", quoting: word.bytes, "' ", into: &output)
        listed += word.count + 3
        index += 1
      }
      encoder.lineEnd(into: &output)
    }
  }

  private func refuseMember() {
    let member = Self.quotable(argument(1), max: 128)
    let given = Self.quotable(argument(0), max: 8)
    noteRefused()
    reply(room: 256) { encoder, output in
      encoder.beginError("ERR unknown subcommand '", quoting: member.bytes, into: &output)
      encoder.appendError("'. Try ", into: &output)
      for byte in given { output.append(byte >= 0x61 && byte <= 0x7A ? byte & 0xDF : byte) }
      encoder.appendError(" HELP.", into: &output)
      encoder.lineEnd(into: &output)
    }
  }

  /// What Redis prints of an argument: up to its first NUL.
  private static func quotable(_ bytes: UnsafeRawBufferPointer, max: Int) -> UnsafeRawBufferPointer {
    let limited = UnsafeRawBufferPointer(rebasing: bytes.prefix(max))
    guard let end = limited.firstIndex(of: 0) else { return limited }
    return UnsafeRawBufferPointer(rebasing: limited[..<end])
  }

  // MARK: Counting

  /// One reading of the clock for all that came together.
  func recordAnswered(arrived: UInt64) {
    guard answered.gets + answered.exists > 0 else { return }
    let nanoseconds = loop.exactNow - arrived
    if answered.gets > 0 { worker.metrics.record(.get, nanoseconds: nanoseconds, count: answered.gets) }
    if answered.exists > 0 { worker.metrics.record(.exist, nanoseconds: nanoseconds, count: answered.exists) }
    answered = (0, 0)
  }

  private func record(_ command: RESPCommand, arrived: UInt64) {
    switch command.counted {
    case .get: answered.gets += 1
    case .put: worker.metrics.record(.put, nanoseconds: loop.exactNow - arrived)
    case .exist: answered.exists += 1
    case .byKey: break
    case .other: if door.registry == nil { worker.metrics.requests.add(.respOther) }
    }
  }
}

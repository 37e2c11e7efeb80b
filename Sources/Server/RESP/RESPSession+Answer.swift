import Base
import Store
import IO
import Wire

/// From a decoded request to the command that answers it, with the checks that all commands share, in Redis's order.
extension RESPSession {
  func answer(arrived: UInt64) async throws(SessionEnd) {
    switch RESPCommandTable.find(argument(0), second: argumentCount > 1 ? argument(1) : nil) {
    case .unknown:
      try refuseUnknown()
    case .unknownMember(let group):
      refuseMember(of: group)
    case .command(let command):
      guard command.accepts(argumentCount), command != .mset || argumentCount % 2 == 1 || transaction.isOpen else {
        return refuse(command, code: "ERR ") { encoder, output in
          encoder.appendError("wrong number of arguments for '", into: &output)
          encoder.appendError(command.name, into: &output)
          encoder.appendError("' command", into: &output)
        }
      }
      guard client.isAuthenticated || command.needsNoPassword else {
        worker.metrics.refusals.add(.notAuthenticated)
        return refuse(command, code: "") { $0.appendError("NOAUTH Authentication required.", into: &$1) }
      }
      if transaction.isOpen, !command.isTransactional { return queue() }
      try await execute(command)
      record(command, arrived: arrived)
    }
  }

  /// A request that is not executed spoils the transaction it stands in; an EXEC ends it.
  private func refuse(
    _ command: RESPCommand, code: StaticString, _ body: (RESPReplyEncoder, inout OutputRawSpan) -> Void
  ) {
    if transaction.isOpen { transaction.isBroken = true }
    if command == .exec { transaction.end() }
    worker.metrics.requests.add(.respRefused)
    reply(room: 192) { encoder, output in
      encoder.beginError(command == .exec ? "EXECABORT Transaction discarded because of: " : code, into: &output)
      body(encoder, &output)
      encoder.lineEnd(into: &output)
    }
  }

  private func refuseUnknown() throws(SessionEnd) {
    // Somebody made a browser send HTTP here; what follows its head could be commands.
    if argument(0).isWord("post") || argument(0).isWord("host:") { throw SessionEnd(.crossProtocol) }
    if transaction.isOpen { transaction.isBroken = true }
    worker.metrics.requests.add(.respRefused)
    let quotedMax = 128
    reply(room: 4 * quotedMax + 64) { encoder, output in
      var listed = 0
      let name = Self.quotable(argument(0), max: quotedMax)
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

  private func refuseMember(of group: RESPCommand) {
    let member = Self.quotable(argument(1), max: 128)
    let given = Self.quotable(argument(0), max: 8)
    if transaction.isOpen { transaction.isBroken = true }
    worker.metrics.requests.add(.respRefused)
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

  func execute(_ command: RESPCommand) async throws(SessionEnd) {
    switch command {
    case .get: get()
    case .set: try await set()
    case .setex: try await setex()
    case .mget: try await mget()
    case .mset: try await mset()
    case .strlen: strlen()
    case .exists: try await countNames(.respExistsHit, .respExistsMiss, exists)
    case .touch: try await countNames(.respOther, .respOther, touch)
    case .del, .unlink: try await countNames(.respDelRemoved, .respDelAbsent, remove)
    case .type: type()
    case .ttl, .pttl: timeToLive(inSeconds: command == .ttl)
    case .expire: expire()
    case .persist: persist()
    case .ping: ping()
    case .echo: reply(bulk: argument(1))
    case .hello: hello()
    case .auth: auth()
    case .select: select()
    case .quit: quit()
    case .reset: reset()
    case .multi: multi()
    case .exec: try await exec()
    case .discard: discard()
    case .scan: try await scan()
    case .keys: try await keys()
    case .dbsize: reply(integer: lane.nameCount())
    case .flushdb, .flushall: try await flush()
    case .time: time()
    case .info: await info()
    case .client, .config, .cluster: preconditionFailure("a group alone has too few words")
    case .clientID: reply(integer: client.id)
    case .clientInfo, .clientList: clientLines(command)
    case .clientGetName: clientGetName()
    case .clientSetName: clientSetName()
    case .clientSetInfo: clientSetInfo()
    case .clientNoEvict, .clientNoTouch: clientSwitch()
    case .configGet: await configGet()
    case .command: commands()
    case .commandCount: reply(integer: RESPCommand.topLevel.count)
    case .commandDocs: commandDocs()
    case .commandInfo: try await commandInfo()
    case .clusterSlots: clusterSlots()
    case .clusterInfo: clusterInfo()
    case .clusterMyID: clusterMyID()
    }
  }

  /// One reading of the clock for all that came together.
  func recordAnswered(arrived: UInt64) {
    guard answered.gets + answered.exists > 0 else { return }
    let nanoseconds = loop.exactNow - arrived
    if answered.gets > 0 { worker.metrics.record(.get, nanoseconds: nanoseconds, count: answered.gets) }
    if answered.exists > 0 { worker.metrics.record(.exist, nanoseconds: nanoseconds, count: answered.exists) }
    answered = (0, 0)
  }

  private func record(_ command: RESPCommand, arrived: UInt64) {
    switch command {
    case .get: answered.gets += 1
    case .set: worker.metrics.record(.put, nanoseconds: loop.exactNow - arrived)
    case .exists: answered.exists += 1
    case .del, .unlink, .mget, .mset: break
    default: worker.metrics.requests.add(.respOther)
    }
  }
}

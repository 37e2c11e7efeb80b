import Base
import IO
import Wire

/// COMMAND, by which cluster clients learn where the keys of a request stand.
extension RESPSession {
  func commands() {
    reply { $0.array(door.commands.topLevel.count, into: &$1) }
    for command in door.commands.topLevel { describe(command) }
  }

  func commandInfo() async throws(SessionEnd) {
    reply { $0.array(argumentCount - 2, into: &$1) }
    var index = 2
    while index < argumentCount {
      try await awaitRoom()
      if case .command(let command, _) = door.commands.find(argument(index), second: nil) {
        describe(command)
      } else {
        reply { $0.nullArray(into: &$1) }
      }
      await passArgument(index)
      index += 1
    }
  }

  /// Documentation is not kept here; tools go on without.
  func commandDocs() { reply { $0.map(0, into: &$1) } }

  private func describe(_ command: RESPCommand) {
    let keys = command.keys
    reply(room: 256) { encoder, output in
      encoder.array(10, into: &output)
      encoder.bulk(command.name, into: &output)
      encoder.integer(command.arity, into: &output)
      encoder.set(1, into: &output)
      encoder.simple(command.traits.contains(.writes) ? "write" : "readonly", into: &output)
      encoder.integer(keys.first, into: &output)
      encoder.integer(keys.last, into: &output)
      encoder.integer(keys.step, into: &output)
      encoder.set(0, into: &output)
      encoder.array(0, into: &output)
      encoder.array(0, into: &output)
      encoder.array(0, into: &output)
    }
  }
}

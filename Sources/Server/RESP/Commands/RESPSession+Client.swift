import Base
import IO
import Wire

/// CLIENT.
extension RESPSession {
  func clientGetName() {
    client.hasIntroducedItself = true
    if client.name.isEmpty { replyNull() } else { client.name.withUnsafeBytes { reply(bulk: $0) } }
  }

  func clientSetName() {
    client.hasIntroducedItself = true
    guard isClientName(argument(2)) else { return refuseClientName("Client names") }
    client.name = Array(argument(2))
    replyOK()
  }

  func clientSetInfo() {
    client.hasIntroducedItself = true
    let isName = argument(2).isWord("lib-name")
    guard isName || argument(2).isWord("lib-ver") else {
      let shown = UnsafeRawBufferPointer(rebasing: argument(2).prefix(128))
      return reply(room: 192) { $0.error("ERR Unrecognized option '", quoting: shown.bytes, "'", into: &$1) }
    }
    guard isClientName(argument(3)) else { return refuseClientName(isName ? "lib-name" : "lib-ver") }
    if isName { client.libraryName = Array(argument(3)) } else { client.libraryVersion = Array(argument(3)) }
    replyOK()
  }

  /// Nothing here is evicted or touched for a client's sake, so there is nothing to switch.
  func clientSwitch() {
    client.hasIntroducedItself = true
    guard argument(2).isWord("on") || argument(2).isWord("off") else { return reply(error: "ERR syntax error") }
    replyOK()
  }

  /// Of this client alone: the others are served by other threads.
  func clientLines() {
    client.hasIntroducedItself = true
    let age = (loop.now - client.openedAt) / 1_000_000_000
    let transport = connection.transport
    let line = """
      id=\(client.id) addr=\(transport.peer?.text ?? "") laddr=\(transport.own?.text ?? "") fd=\(transport.number) \
      name=\(String(decoding: client.name, as: UTF8.self)) age=\(age) idle=0 flags=N db=\(client.database) sub=0 psub=0 \
      ssub=0 multi=\(isQueueing ? transaction.count : -1) qbuf=\(connection.inbox.count) \
      qbuf-free=0 argv-mem=0 multi-mem=0 obl=0 oll=0 omem=0 tot-mem=0 events=r cmd=client redir=-1 \
      user=\(String(decoding: identity.user.name, as: UTF8.self)) \
      lib-name=\(String(decoding: client.libraryName, as: UTF8.self)) \
      lib-ver=\(String(decoding: client.libraryVersion, as: UTF8.self)) resp=\(encoder.version.rawValue)

      """
    reply(verbatim: line)
  }

  /// Printable and without a blank, so that a line of CLIENT LIST stays one.
  func isClientName(_ name: UnsafeRawBufferPointer) -> Bool {
    name.count <= Limits.respClientNameBytesMax && name.allSatisfy { (0x21...0x7E).contains($0) }
  }

  func refuseClientName(_ what: StaticString) {
    reply(room: 128) { encoder, output in
      encoder.beginError("ERR ", into: &output)
      encoder.appendError(what, into: &output)
      encoder.appendError(" cannot contain spaces, newlines or special characters.", into: &output)
      encoder.lineEnd(into: &output)
    }
  }
}

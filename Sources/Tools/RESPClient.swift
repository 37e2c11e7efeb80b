import Base
import Wire

/// Asks by RESP.
struct RESPClient {
  let conversation: Conversation

  /// Sends requests; each has a reply.
  func send(_ requests: [[[UInt8]]]) async throws(ToolFailure) {
    var bytes: [UInt8] = []
    for words in requests {
      bytes += "*\(words.count)\r\n".utf8
      for word in words {
        bytes += "$\(word.count)\r\n".utf8
        bytes += word
        bytes += [0x0D, 0x0A]
      }
    }
    try await conversation.send(bytes)
  }

  /// What the next reply begins with. An error is thrown.
  func reply() async throws(ToolFailure) -> RESPReplyHead {
    let line = try await conversation.line()
    guard let head = RESPReplyHead(line: line.span.bytes) else {
      throw conversation.nonsense("'\(ToolFailure.quoted(Array(line.prefix(40))))' is no RESP")
    }
    if case .error(let text) = head { throw refusal(text) }
    return head
  }

  /// The bytes behind the head of a string, and its end.
  func string(_ count: Int, max: Int) async throws(ToolFailure) -> [UInt8] {
    guard count <= max else { throw conversation.nonsense("a string of \(count) bytes") }
    let bytes = try await conversation.bytes(count)
    try await end()
    return bytes
  }

  func end() async throws(ToolFailure) {
    guard try await conversation.bytes(2) == [0x0D, 0x0A] else {
      throw conversation.nonsense("a string that does not end where it said")
    }
  }

  private func refusal(_ text: [UInt8]) -> ToolFailure {
    let said = ToolFailure.quoted(text)
    let advice =
      if text.starts(with: "NOAUTH".utf8) {
        "; say who you are with --password-file FILE, and --user NAME"
      } else if text.starts(with: "WRONGPASS".utf8) {
        "; compare --user and --password-file with the server's --users or --requirepass"
      } else if text.starts(with: "NOPERM".utf8) {
        "; ask as another --user, or have the server's --users allow it"
      } else {
        ""
      }
    return ToolFailure("\(conversation.connection.target.text) refused: \(said)\(advice)")
  }
}

import Wire
import Base
import IO
import Setup
import TLS

/// What a tool is sent out with: what it was told, the secrets of those who ask, and the loop that it runs on.
struct Errand: Sendable {
  let options: ToolOptions
  let loop: EventLoop
  private let trust: TLSContext?
  private let password: [UInt8]?
  private let token: [UInt8]?

  /// Reads the files that were named.
  init(_ options: ToolOptions, on loop: EventLoop) throws(OptionFailure) {
    (self.options, self.loop) = (options, loop)
    (trust, password, token) = (try options.trust(), try options.password(), try options.token())
  }

  var target: HostAndPort { options.target }
  var deadline: UInt64 { loop.now + options.timeoutNanoseconds }

  func connection(by deadline: UInt64) async throws(ToolFailure) -> ToolConnection {
    try await ToolConnection.open(to: target, trusting: trust, on: loop, deadline: deadline)
  }

  func converse() async throws(ToolFailure) -> Conversation {
    let deadline = deadline
    return Conversation(try await connection(by: deadline), deadline: deadline)
  }

  /// A client of RESP that has said who it is.
  func client() async throws(ToolFailure) -> RESPClient {
    let client = RESPClient(conversation: try await converse())
    if let password {
      let user = options.user.map { [Array($0.utf8)] } ?? []
      try await client.send([[Array("AUTH".utf8)] + user + [password]])
      guard case .text = try await client.reply() else { throw client.conversation.nonsense("no word about AUTH") }
    }
    return client
  }

  /// What says that its bearer may administer.
  var authorization: [UInt8] { token.map { Array("Authorization: Bearer ".utf8) + $0 + [0x0D, 0x0A] } ?? [] }
}

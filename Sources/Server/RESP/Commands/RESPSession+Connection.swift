import Base
import IO
import Wire

/// HELLO, AUTH, SELECT, PING, QUIT, RESET, TIME.
extension RESPSession {
  func ping() {
    switch argumentCount {
    case 1: reply { $0.simple("PONG", into: &$1) }
    case 2: reply(bulk: argument(1))
    default: refuseArity(.ping)
    }
  }

  func quit() {
    replyOK()
    enter(.closing)
  }

  /// There is one name space; the numbers are those of a Redis as it comes.
  func select() {
    guard let number = number(1) else { return reply(error: "ERR value is not an integer or out of range") }
    guard (0..<16).contains(number) else { return reply(error: "ERR DB index is out of range") }
    client.database = number
    replyOK()
  }

  func reset() {
    transaction.clear()
    client.name = []
    client.database = 0
    encoder.version = .two
    begin()
    reply { $0.simple("RESET", into: &$1) }
  }

  func time() {
    let now = WallClock.microseconds()
    reply { $0.array(2, into: &$1) }
    reply(bulk: "\(now / 1_000_000)")
    reply(bulk: "\(now % 1_000_000)")
  }

  // MARK: Who is there

  /// What clients may do at present. Behind the registry's door none is asked for a password.
  var configuration: RESPConfiguration { door.registry == nil ? worker.server.resp : .open }
  var users: RESPUsers { configuration.users }

  func auth() {
    guard argumentCount <= 3 else { return reply(error: "ERR syntax error") }
    if argumentCount == 2, users.standard.isEnough {
      return reply(
        error: """
          ERR AUTH <password> called without any password configured for the default user. \
          Are you sure your configuration is correct?
          """)
    }
    guard authenticate(user: argumentCount == 3 ? argument(1) : nil, password: argument(argumentCount - 1)) else {
      return
    }
    replyOK()
  }

  func hello() {
    client.hasIntroducedItself = true
    guard hasFewOptions(from: 2) else { return }
    var version: RESPVersion?
    if argumentCount > 1 {
      guard let number = number(1) else {
        return reply(error: "ERR Protocol version is not an integer or out of range")
      }
      version = RESPVersion(rawValue: number)
      guard version != nil else { return reply(error: "NOPROTO unsupported protocol version") }
    }
    var (name, user, password): (Int?, Int?, Int?) = (nil, nil, nil)
    var index = 2
    while index < argumentCount {
      if argument(index).isWord("auth"), index + 2 < argumentCount {
        (user, password) = (index + 1, index + 2)
        index += 3
      } else if argument(index).isWord("setname"), index + 1 < argumentCount {
        guard isClientName(argument(index + 1)) else { return refuseClientName("Client names") }
        name = index + 1
        index += 2
      } else {
        let shown = UnsafeRawBufferPointer(rebasing: argument(index).prefix(128))
        return reply(room: 192) {
          $0.error("ERR Syntax error in HELLO option '", quoting: shown.bytes, "'", into: &$1)
        }
      }
    }
    if let user, let password, !authenticate(user: argument(user), password: argument(password)) { return }
    guard isAuthenticated else {
      return reply(
        error: """
          NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> \
          <pass> option can be used to authenticate the client and select the RESP protocol version at the same time
          """)
    }
    if let name { client.name = Array(argument(name)) }
    if let version { encoder.version = version }
    reply(room: RESPGreeting.bytesMax) { RESPGreeting.write($0, clientID: client.id, into: &$1) }
  }
}

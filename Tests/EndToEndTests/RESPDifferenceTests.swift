import Base
import Foundation
import Testing

/// The same requests to a real redis-server and to ours give the same bytes, except for the differences in
/// proto/resp.md.
@Suite
struct RESPDifferenceTests {
  struct Case: CustomTestStringConvertible {
    let driver: IODriver
    let version: Int
    let seed: UInt64
    var testDescription: String { "\(driver) RESP\(version) seed \(seed)" }
    static let all = IODriver.available.flatMap { driver in
      [2, 3].flatMap { version in (1...3).map { Case(driver: driver, version: version, seed: $0) } }
    }
  }

  @Test(arguments: Case.all)
  func randomRequests(_ what: Case) throws {
    let redis = try RealRedis()
    let server = try RunningServer(what.driver, ["--loops", "1"], memory: "128MiB")
    let theirs = try RESPPeer(port: redis.port)
    let ours = try RESPPeer(port: server.port)
    if what.version == 3 {
      _ = try theirs.ask("HELLO", "3")
      _ = try ours.ask("HELLO", "3")
    } else {
      // Without HELLO or CLIENT a SET that finds no room is answered +OK; see proto/resp.md.
      _ = try ours.ask("CLIENT", "GETNAME")
    }
    var script = RESPScript(seed: what.seed)
    var comparison = RESPComparison()
    for round in 0..<150 {
      let batch = script.batch() + (round % 10 == 9 ? RESPScript.times : [])
      let bytes = batch.reduce(into: []) { $0 += RESPPeer.request($1) }
      let sending = [theirs, ours].map { peer in Background { try peer.peer.send(bytes) } }
      for request in batch {
        let (expected, reply) = (try theirs.reply(), try ours.reply())
        guard comparison.isSame(reply, as: expected, to: request) else {
          Issue.record(
            """
            \(request.map { String(decoding: $0.prefix(40), as: UTF8.self) })
            redis: \(String(decoding: expected.prefix(300), as: UTF8.self))
            ours:  \(String(decoding: reply.prefix(300), as: UTF8.self))
            """)
          return
        }
      }
      for sender in sending { try sender.wait() }
    }
    #expect(comparison.times > 10, "times to live were compared")
  }

  @Test(arguments: IODriver.available, [[], ["2"], ["3"]])
  func greetings(driver: IODriver, version: [String]) throws {
    let redis = try RealRedis()
    let server = try RunningServer(driver)
    let hello = (["HELLO"] + version).map { Array($0.utf8) }
    let replies = try [redis.port, server.port].map { try RESPPeer(port: $0).replyBytes(to: hello) }
    var comparison = RESPComparison()
    let isSame = comparison.isSame(replies[1], as: replies[0], to: hello)
    #expect(isSame, "\(replies.map { String(decoding: $0, as: UTF8.self) })")
  }

  static let malformed = [
    "*x\r\n", "*\r\n", "*+1\r\n", "*01\r\n", "*2147483648\r\n", "*99999999999999999999\r\nPING\r\n",
    "*1\r\n:1\r\n", "*1\r\n*1\r\n$4\r\nPING\r\n", "*1\r\n\r\n", "*1\r\n\n\r\n", "*1\r\n$x\r\n", "*1\r\n$-1\r\n",
    "*1\r\n$\r\n",
    "*1\r\n$99999999999\r\n", "PING\r\n*1\r\n!\r\n", "*1\r\n$4\r\nPING\r\n*1\r\n#t\r\nPING\r\n",
    "GET \"a\r\n", "GET 'a'b\r\n", "SET k \"v\r\nPING\r\n",
    "*0\r\nPING\r\n*-1\r\nPING\r\n\r\n\r\nPING\r\n*-9\r\n*x\r\n",
    "POST / HTTP/1.x\r\nHost: x\r\n\r\n", "QUIT\r\nPING\r\n",
    "PING\r\nquit now please\r\n",
    "set \"a\\x00\\n\" 'it\\'s'\r\nget \"a\\0\"\r\nget \"a\\x00\\n\"\r\nQUIT\r\n", "  echo   \"\"  \r\nQUIT\r\n",
    "MULTI\r\nset a 1\r\nget a\r\nfoo\r\nEXEC\r\nget a\r\nQUIT\r\n",
    "MULTI\r\nset a 1\r\nMULTI\r\nget a\r\nEXEC\r\nQUIT\r\n",
    "MULTI\r\nmset a 1 b\r\nget\r\nEXEC\r\nMULTI\r\nmset a 1 b\r\nping\r\nEXEC\r\nQUIT\r\n",
    "MULTI\r\nRESET\r\nEXEC\r\nQUIT\r\n",
    "MULTI\r\nset a 1\r\nQUIT\r\n",
  ]

  @Test(arguments: IODriver.available)
  func malformedRequests(driver: IODriver) throws {
    let redis = try RealRedis()
    let server = try RunningServer(driver)
    for text in Self.malformed + [
      "PING\r\n" + String(repeating: "a", count: 70_000), "*" + String(repeating: "1", count: 70_000),
    ] {
      let answers = try [redis.port, server.port].map { port in
        let peer = try RESPPeer(port: port)
        try? peer.peer.send(Array(text.utf8))
        return String(decoding: try peer.rest(), as: UTF8.self)
      }
      #expect(answers[1] == answers[0], "\(text.prefix(80).debugDescription)")
    }
    #expect(server.isRunning)
  }

  @Test(arguments: IODriver.available)
  func passwords(driver: IODriver) throws {
    let redis = try RealRedis(["--requirepass", "secret"])
    let server = try RunningServer(driver, environment: ["LMCACHE_SERVER_PASSWORD": "secret"])
    let conversations: [[[String]]] = [
      [
        ["GET", "k"], ["FOO"], ["GET"], ["AUTH", "wrong"], ["AUTH", "secret"], ["GET", "k"], ["RESET"], ["GET", "k"],
      ],
      [["AUTH", "default", "secret"], ["SET", "k", "v"], ["AUTH", "other", "secret"], ["GET", "k"]],
      [["HELLO", "3"], ["HELLO", "3", "AUTH", "default", "wrong"], ["AUTH", "a", "b", "c"], ["PING"]],
      [["MULTI"], ["EXEC"], ["DISCARD"], ["QUIT"]],
    ]
    for conversation in conversations {
      let peers = try [redis.port, server.port].map { try RESPPeer(port: $0) }
      for words in conversation {
        let answers = try peers.map { try $0.ask(words.map { Array($0.utf8) }) }
        #expect(answers[1] == answers[0], "\(words)")
      }
    }
    for text in ["*11\r\n", "*2\r\n$4\r\nAUTH\r\n$16385\r\n"] {
      let answers = try [redis.port, server.port].map { port in
        let peer = try RESPPeer(port: port)
        try peer.peer.send(Array(text.utf8))
        return String(decoding: try peer.rest(), as: UTF8.self)
      }
      #expect(answers[1] == answers[0], "\(text.debugDescription)")
    }
    #expect(try server.refusals("wrong_password") == 3)
  }
}

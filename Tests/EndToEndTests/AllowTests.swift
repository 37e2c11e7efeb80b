import Foundation
import Testing
import Wire

/// Which addresses may come in, where, and who may speak `lm`.
@Suite
struct AllowTests {
  private static func lm(_ port: UInt16, from source: UInt32) throws -> LMPeer {
    LMPeer(peer: try Peer(port: port, from: source), generation: .nineInts)
  }

  private static func isShut(_ port: UInt16, from source: UInt32) throws -> Bool {
    try Peer(port: port, from: source).isClosedSilently()
  }

  /// A server on every address sees IPv4 clients by mapped addresses.
  @Test(arguments: IODriver.available, ["127.0.0.1", nil])
  func onlyAllowedAddressesComeIn(driver: IODriver, host: String?) throws {
    let server = try RunningServer(
      driver, ["--allow", "127.0.0.0/30", "--allow", "lookup=127.0.0.9,peer=127.0.0.10"] + doors, host: host)
    let (lookup, peer) = (try server.port(after: "lookup registry listening"), try server.peerPort())
    for source: UInt32 in [1, 2, 3] {
      let client = try Self.lm(server.port, from: source)
      try client.putAndSee("key \(source)", [1, 2, 3])
    }
    for (port, source) in [(server.port, UInt32(4)), (server.port, 9), (lookup, 1), (lookup, 10), (peer, 1), (peer, 9)]
    {
      #expect(try Self.isShut(port, from: source))
    }
    #expect(try RESPPeer(Peer(port: lookup, from: 9)).ask("PING") == "+PONG\r\n")
    #expect(try Self.lm(peer, from: 10).exists("key 1"))
    #expect(try server.refusals("address_not_allowed") == 6)
    #expect(server.log.contains("connection refused reason=address_not_allowed door=lookup from=127.0.0.10"))
    if host == nil, LoopbackListener.hasIPv6 {
      #expect(try Peer(port: server.port, family: AF_INET6).isClosedSilently())
      #expect(try server.refusals("address_not_allowed") == 7)
    }
  }

  private var doors: [String] { ["--lookup", "127.0.0.1:0", "--peer", "127.0.0.1:0", "--peer-check", "off"] }

  @Test(.enabled(if: LoopbackListener.hasIPv6), arguments: IODriver.available)
  func blocksOfIPv6(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--allow", "::1/128"], host: nil)
    let client = LMPeer(peer: try Peer(port: server.port, family: AF_INET6), generation: .nineInts)
    #expect(try client.health())
    #expect(try Self.isShut(server.port, from: 1))
    #expect(server.log.contains("a probe from this host is refused: 127.0.0.1 is in no block of --allow"))
  }

  /// A client that may come in, and not speak `lm`, may still ask whether the server is well: the chart's probe does.
  @Test(arguments: IODriver.available)
  func lmIsForItsOwnAddresses(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--allow", "lm=127.0.0.2"])
    try Self.lm(server.port, from: 2).putAndSee("key", [1])
    try onlyHealth(server.port, from: 1)
    #expect(try server.refusals("address_not_allowed") == 2)
    #expect(try server.resp().ask("STRLEN", "key") == ":0\r\n", "lm's values have metadata, and RESP is open")
  }

  @Test(arguments: IODriver.available)
  func lmCanBeOff(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--lm", "off"])
    try onlyHealth(server.port, from: 1)
    #expect(try server.refusals("lm_closed") == 2)
    #expect(try server.resp().ask("SET", "a", "b") == "+OK\r\n")
    #expect(try server.status(of: "/readyz") == 200)
    let probe = try Child(RunningServer.program, ["probe", "127.0.0.1", "\(server.port)"])
    #expect(try probe.wait() == .exited(0))
  }

  @Test(arguments: IODriver.available)
  func lmCanHaveAPortOfItsOwn(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--lm", "127.0.0.1:0", "--allow", "lm=127.0.0.2"])
    let port = try server.port(after: "lm listening")
    for generation in [LMGeneration.nineInts, .eightInts, .v0] {
      let client = LMPeer(peer: try Peer(port: port, from: 2), generation: generation)
      #expect(try client.health())
      _ = try client.exists("key")
    }
    try Self.lm(port, from: 2).putAndSee("key", [1])
    #expect(try Self.isShut(port, from: 1))
    try onlyHealth(server.port, from: 2)
    for text in ["GET /health HTTP/1.1\r\nHost: a\r\n\r\n", "*1\r\n$4\r\nPING\r\n", "PING\r\n"] {
      let other = try Peer(port: port, from: 2)
      try other.send(Array(text.utf8))
      #expect(try other.isClosedSilently(), "\(text)")
    }
    #expect(try server.stop() == .exited(0))
    #expect(throws: HarnessFailure.self) { try Peer(port: port, from: 2) }
  }

  // MARK: SIGHUP

  @Test func blocksAndTheTokenFollow() throws {
    let (first, second) = (String(repeating: "a", count: 32), String(repeating: "b", count: 32))
    func files(_ blocks: String, _ token: String) -> [String: String] {
      ["config.yaml": "server:\n  allow: [\(blocks)]\n  max_connections_per_address: 64\n", "token": token + "\n"]
    }
    let mount = try ConfigurationMount(files("127.0.0.1, admin=127.0.0.1", first))
    let server = try RunningServer(
      .epoll, ["--config", mount.path("config.yaml"), "--admin", ":0", "--admin-token-file", mount.path("token")])
    let port = try server.port(after: "admin listening")
    #expect(try Self.isShut(server.port, from: 2))
    #expect(try AdminPeer(port: port, token: first).ask("POST /log-level?level=info").status == 200)
    try mount.replace(files("127.0.0.0/30, admin=127.0.0.1", second))
    try server.hangUp(until: "the token of the admin door changed")
    try Self.lm(server.port, from: 2).putAndSee("key", [1])
    #expect(try AdminPeer(port: port, token: first).ask("POST /log-level?level=info").status == 401)
    #expect(try AdminPeer(port: port, token: second).ask("POST /log-level?level=info").status == 200)
    #expect(!server.log.contains(first) && !server.log.contains(second))
    for (text, complaint) in [("", "says nothing any more"), ("server:\n  allow: [nonsense]\n", "nonsense")] {
      try mount.replace(["config.yaml": text, "token": second])
      try server.hangUp(until: complaint)
      #expect(try Self.isShut(server.port, from: 5))
    }
    try Self.lm(server.port, from: 2).putAndSee("key", [2])
  }

  private func onlyHealth(_ port: UInt16, from source: UInt32) throws {
    let client = try Self.lm(port, from: source)
    #expect(try client.health() && client.health())
    try client.peer.send(client.request(.exist, "key"))
    #expect(try client.peer.isClosedSilently())
    let other = try Self.lm(port, from: source)
    try other.peer.send(other.request(.put, "key", length: 1, meta: LMPeer.meta) + [1])
    #expect(try other.peer.isClosedSilently())
  }
}

import Foundation
import Testing
import Wire

@Suite
struct LifecycleTests {
  private func run(_ arguments: [String], environment: [String: String] = [:]) throws -> (Child.End, String, String) {
    let child = try Child(RunningServer.program, arguments, environment: environment)
    let end = try child.wait()
    return (end, child.standardOutput, child.standardError)
  }

  // MARK: Starting

  @Test
  func helpAndVersionAnswerAtOnce() throws {
    let (helped, help, _) = try run(["--help"])
    #expect(helped == .exited(0) && help.contains("--memory") && help.contains("LMCACHE_SERVER_PORT"))
    let (versioned, version, _) = try run(["--version"])
    #expect(versioned == .exited(0) && version.wholeMatch(of: /lmcache-server \d+\.\d+\.\d+(\+[0-9a-z-]+)?\n/) != nil)
  }

  static let refusals: [(words: [String], status: Int32, says: String)] = [
    (["--colour", "red"], 2, "--colour"), (["--prot", "1"], 2, "--port"), (["--memory", "much"], 2, "much"),
    (["--memory", "900TiB", "--port", "0"], 2, "--memory"), (["127.0.0.1", "0", "cuda"], 1, "cuda"),
    (["127.0.0.1"], 1, "<host> <port>"), (["--port", "99999"], 2, "99999"), (["--io", "magic"], 2, "magic"),
  ]

  @Test(arguments: refusals)
  func whatCannotBeDoneIsOneLine(words: [String], status: Int32, says: String) throws {
    let (end, _, complaint) = try run(words)
    #expect(end == .exited(status))
    #expect(complaint.contains(says))
    #expect(complaint.split(separator: "\n").count == 1, "\(complaint)")
  }

  /// In LMCache's own form every failure ends with status 1, as it does there.
  @Test(arguments: [false, true])
  func aTakenPortIsOneLine(positional: Bool) throws {
    let server = try RunningServer(.epoll)
    let place = positional ? ["127.0.0.1", "\(server.port)"] : ["--host", "127.0.0.1", "--port", "\(server.port)"]
    let (end, _, complaint) = try run(place + ["--memory", "64MiB"])
    #expect(end == .exited(positional ? 1 : 2))
    #expect(complaint.contains("the port is taken"))
    #expect(complaint.split(separator: "\n").count == 1, "\(complaint)")
    #expect(try server.lm().health())
  }

  @Test
  func thePositionalFormAndTheEnvironmentStartIt() throws {
    let positional = try Child(RunningServer.program, ["127.0.0.1", "0", "cpu", "--memory", "64MiB"])
    let port = try RunningServer.port(of: positional)
    #expect(try LMPeer(peer: Peer(port: port), generation: .v0).health())
    let configured = try Child(
      RunningServer.program, [],
      environment: [
        "LMCACHE_SERVER_HOST": "127.0.0.1", "LMCACHE_SERVER_PORT": "0", "LMCACHE_SERVER_MEMORY": "32MiB",
        "LMCACHE_SERVER_LOG_FORMAT": "text", "LMCACHE_SERVER_IO": "epoll",
      ])
    let web = WebPeer(peer: try Peer(port: try RunningServer.port(of: configured)))
    let metrics = try Exposition(try web.get("/metrics").body)
    #expect(metrics.value(of: "lmcache_server_memory_budget_bytes") == Double(32 << 20))
  }

  @Test(.enabled(if: LoopbackListener.hasIPv6, "this machine has no IPv6"), arguments: IODriver.available)
  func withoutAHostBothFamiliesAreServed(driver: IODriver) throws {
    let server = try RunningServer(driver, host: nil)
    #expect(try server.lm().health())
    #expect(try LMPeer(peer: Peer(port: server.port, family: AF_INET6), generation: .nineInts).health())
  }

  @Test
  func aProbeTellsWhetherAServerAnswers() throws {
    let server = try RunningServer(.epoll)
    #expect(try run(["probe", "127.0.0.1", "\(server.port)"]).0 == .exited(0))
    #expect(try server.stop() == .exited(0))
    let (end, _, complaint) = try run(["probe", "127.0.0.1", "\(server.port)"])
    #expect(end == .exited(1) && !complaint.isEmpty)
  }

  // MARK: Ending

  @Test(arguments: IODriver.available)
  func anIdleServerEndsAtOnceWithItsClientsConnected(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let clients = try LMGeneration.allCases.map { try server.lm($0) }
    for client in clients { #expect(try client.health()) }
    let silent = try server.connect()
    let web = try server.web()
    #expect(try web.get("/health").status == 200)
    #expect(try server.stop() == .exited(0))
    for client in clients { #expect(try client.peer.isClosedSilently()) }
    #expect(try silent.isClosedSilently())
    #expect(server.log.contains("draining") && server.log.contains("ended"))
  }

  @Test(arguments: IODriver.available)
  func aDrainFinishesWhatIsUnderWayAndTellsProbes(driver: IODriver) throws {
    let server = try RunningServer(driver, memory: "256MiB")
    let value = Payload.bytes(64 << 20, seed: 1)
    try server.lm().putAndSee("key", value)
    let reader = LMPeer(peer: try Peer(port: server.port, receiveBufferBytes: 65536), generation: .nineInts)
    try reader.peer.send(reader.request(.get, "key"))
    let length = try reader.reply().length
    let first = try reader.peer.receive(1 << 20)
    server.child.signal(SIGTERM)
    try eventually("/readyz says so") { try server.status(of: "/readyz") == 503 }
    #expect(try server.status(of: "/livez") == 200)
    #expect(try server.status(of: "/metrics") == 200)
    let late = try server.lm()
    try late.peer.send(late.request(.exist, "key"))
    #expect(try late.peer.isClosedSilently())
    #expect(try server.refusals("draining") == 1)
    let isWhole = Payload.isSame(first + (try reader.peer.receive(length - first.count)), value)
    #expect(isWhole)
    #expect(try reader.peer.isClosedSilently())
    #expect(try server.child.wait() == .exited(0))
  }

  @Test(arguments: IODriver.available)
  func aSecondSignalEndsAtOnce(driver: IODriver) throws {
    let server = try RunningServer(driver, memory: "256MiB")
    try server.lm().putAndSee("key", Payload.bytes(64 << 20, seed: 1))
    let mute = try server.lm()
    try mute.peer.send(mute.request(.get, "key"))
    _ = try mute.reply()
    server.child.signal(SIGTERM)
    try eventually("it drains") { try server.status(of: "/readyz") == 503 }
    #expect(server.isRunning)
    server.child.signal(SIGINT)
    #expect(try server.child.wait() == .exited(128 + SIGINT))
  }
}

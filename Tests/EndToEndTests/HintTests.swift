import Foundation
import Testing
import Wire

/// Each hint, brought out by what clients do, and silent where they do nearly the same.
@Suite
struct HintTests {
  private static func driver() throws -> IODriver { try #require(IODriver.available.first) }

  private static func key(_ model: String, _ name: String, _ index: Int) -> String {
    "vllm@\(model)@1@0@\(name)\(index)@half"
  }

  private static func client(_ server: RunningServer, from source: UInt32) throws -> LMPeer {
    LMPeer(peer: try Peer(port: server.port, from: source), generation: .nineInts)
  }

  // MARK: Clients that never meet

  /// Two engines of one model that call the same chunks by different keys.
  private func part(_ server: RunningServer, models: (String, String), sources: (UInt32, UInt32)) throws {
    for (seed, (model, source)) in [(models.0, sources.0), (models.1, sources.1)].enumerated() {
      let client = try Self.client(server, from: source)
      for index in 0..<256 {
        let key = Self.key(model, "seed-\(seed)-", index)
        #expect(try !client.exists(key))
        try client.put(key, [1, 2, 3])
      }
      // A recovery check: all engines share its key, which names no model.
      try client.putAndSee("test@1@0@0@bfloat16", [1])
    }
  }

  @Test(arguments: IODriver.available)
  func clientsThatNeverMeetAreNamed(driver: IODriver) throws {
    let server = try RunningServer(driver)
    try part(server, models: ("llama", "llama"), sources: (6, 7))
    let found = try server.report().hints.filter { $0.id == "writes_never_met" }
    #expect(
      found.map(\.text).sorted() == [6, 7].map { "client 127.0.0.\($0) has never hit a key that another client wrote" })
    #expect(found.allSatisfy { $0.advice.contains("PYTHONHASHSEED") && $0.advice.contains("dtype") })
    // One that meets the other is not named any more.
    #expect(try Self.client(server, from: 7).get(Self.key("llama", "seed-0-", 0)) != nil)
    #expect(try server.report().hints.filter { $0.id == "writes_never_met" }.count == 1)
  }

  @Test func clientsOfTwoModelsCannotMeet() throws {
    let server = try RunningServer(try Self.driver())
    try part(server, models: ("llama", "qwen"), sources: (6, 7))
    #expect(try server.report().hint("writes_never_met") == nil)
  }

  @Test func clientsOfOneAddressCannotBeToldApart() throws {
    let server = try RunningServer(try Self.driver())
    try part(server, models: ("llama", "llama"), sources: (6, 6))
    #expect(try server.report().hint("writes_never_met") == nil)
  }

  // MARK: Room

  /// Prompts in turn, more than fit: with twice the room all of them would be found.
  private func goRound(_ server: RunningServer, chunks: Int, rounds: Int) throws {
    let lm = try server.lm()
    for _ in 0..<rounds {
      for index in 0..<chunks where try lm.get(Self.key("llama", "c", index)) == nil {
        try lm.put(Self.key("llama", "c", index), Payload.bytes(100_000, seed: 1))
      }
    }
  }

  @Test(arguments: IODriver.available)
  func whatTwiceTheMemoryWouldBring(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--lease", "0"], memory: "16MiB")
    try goRound(server, chunks: 200, rounds: 5)
    let report = try server.report()
    let rooms = report.part("rooms")
    let curve = try #require(rooms["curve"] as? [[String: Any]])
    #expect(curve.count == 8 && curve[3]["times"] as? Double == 1 && curve[7]["times"] as? Double == 2)
    #expect(curve[3]["ratio"] as? Double == rooms["now"] as? Double)
    let hint = try #require(report.hint("doubled_memory"))
    #expect(hint.text.wholeMatch(of: /doubling memory would raise the hit ratio from \d+ % to \d+ %/) != nil)
    #expect(report.state == "too_small")
    let seconds = try #require(report.fields["holds_seconds"] as? Int)
    #expect(seconds >= 0 && report.hint("memory_holds")?.text.hasPrefix("at this rate memory holds the last ") == true)
  }

  @Test func whatFitsNeedsNoMore() throws {
    let server = try RunningServer(try Self.driver(), ["--lease", "0"])
    try goRound(server, chunks: 100, rounds: 8)
    let report = try server.report()
    #expect(!report.part("rooms").isEmpty)
    #expect(report.hint("doubled_memory") == nil && report.hint("memory_holds") == nil)
    #expect(report.fields["holds_seconds"] is NSNull)
  }

  /// Look-ups hold nearly all of memory for fetches that do not come.
  @Test(arguments: IODriver.available)
  func promisesThatLeaveNoRoom(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let lm = try server.lm()
    let value = Payload.bytes(4 << 20, seed: 1)
    for index in 0..<14 { try lm.put(Self.key("llama", "p", index), value) }
    for _ in 0..<3 { #expect(try (0..<14).allSatisfy { try lm.exists(Self.key("llama", "p", $0)) }) }
    #expect(try server.report().hint("puts_dropped") == nil, "what is promised fits")
    for index in 0..<8 {
      try lm.put(Self.key("llama", "filler", index), value)
      _ = try lm.exists(Self.key("llama", "filler", index))
      #expect(try (0..<14).allSatisfy { try lm.exists(Self.key("llama", "p", $0)) })
    }
    let hint = try #require(server.report().hint("puts_dropped"))
    #expect(hint.text.contains("look-ups hold") && hint.advice.contains("--lease"))
  }

  /// An engine's recovery check comes while all of memory is promised: what it stores has to be there when it reads it back.
  @Test(arguments: IODriver.available)
  func aPromiseThatHadToBeBroken(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let lm = try server.lm()
    let value = Payload.bytes(4 << 20, seed: 1)
    func key(_ index: Int) -> String { Self.key("llama", "b", index) }
    for index in 0..<14 { try lm.put(key(index), value) }
    #expect(try (0..<14).allSatisfy { try lm.exists(key($0)) })
    #expect(try (0..<14).allSatisfy { try lm.get(key($0)) != nil })
    #expect(try server.report().hint("promises_broken") == nil, "all were there")
    #expect(try (0..<14).allSatisfy { try lm.exists(key($0)) })
    try lm.putAndSee("test@1@0@0@bfloat16", Payload.bytes(8 << 20, seed: 2))
    #expect(try (0..<14).filter { try lm.get(key($0)) == nil }.count > 0)
    let hint = try #require(server.report().hint("promises_broken"))
    #expect(hint.text.contains("had to go after a look-up") && hint.advice.contains("asks whether this server is back"))
  }

  /// A budget that is made smaller than what is promised waits for it, and lets everybody in meanwhile.
  @Test(arguments: IODriver.available)
  func aBudgetTooSmallForWhatIsPromised(driver: IODriver) throws {
    let mount = try ConfigurationMount(["config.yaml": "memory: 128MiB\n"])
    let server = try RunningServer(driver, ["--config", mount.path("config.yaml")], memory: nil)
    let lm = try server.lm()
    let value = Payload.bytes(4 << 20, seed: 1)
    for index in 0..<24 { try lm.put(Self.key("llama", "s", index), value) }
    #expect(try (0..<12).allSatisfy { try lm.exists(Self.key("llama", "s", $0)) })
    try mount.replace(["config.yaml": "memory: 32MiB\n"])
    try server.hangUp(until: "memory budget 128 MiB -> 32 MiB")
    let web = try server.web()
    for page in ["/livez", "/", "/metrics", "/stats"] { #expect(try web.get(page).status == 200, "\(page)") }
    let other = try server.lm()
    #expect(try (0..<12).allSatisfy { try other.get(Self.key("llama", "s", $0)) != nil })
    #expect(try server.report().hint("promises_broken") == nil)
    #expect(try server.metric("lmcache_server_leases_broken_total{cause=\"evicted\"}") == 0)
  }

  @Test func whatGoesForOthersIsNotDropped() throws {
    let server = try RunningServer(try Self.driver(), ["--lease", "0"], memory: "16MiB")
    try goRound(server, chunks: 200, rounds: 1)
    #expect(try server.report().hint("puts_dropped") == nil)
  }

  // MARK: Keys and chunks

  @Test(arguments: IODriver.available)
  func keysNearTheLimit(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let lm = try server.lm()
    func key(bytes: Int) -> String { "vllm@llama@1@0@" + String(repeating: "f", count: bytes - 20) + "@half" }
    try lm.putAndSee(key(bytes: 139), [1])
    #expect(try server.report().hint("keys_near_limit") == nil)
    try lm.putAndSee(key(bytes: 140), [1])
    let hint = try #require(server.report().hint("keys_near_limit"))
    #expect(hint.text.contains("1 key ") && hint.text.contains("150 are the limit"))
  }

  @Test(arguments: IODriver.available)
  func chunksThatChangeTheirSize(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let lm = try server.lm()
    for size in [1000, 1000, 1000, 1000, 2000, 1000] {
      try lm.putAndSee(Self.key("llama", "s", 0), Payload.bytes(size, seed: 1))
    }
    // A plain value of RESP may change as it likes.
    let resp = try server.resp()
    for size in 1..<9 { #expect(try resp.ask("SET", "counter", String(repeating: "1", count: size)) == "+OK\r\n") }
    #expect(try server.report().hint("chunk_sizes_change") == nil, "twice may be an accident")
    try lm.putAndSee(Self.key("llama", "s", 0), Payload.bytes(2000, seed: 1))
    #expect(try server.report().hint("chunk_sizes_change")?.text.hasPrefix("3 chunks came") == true)
  }

  // MARK: The machine

  @Test(arguments: IODriver.available)
  func connectionsNearTheLimit(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--max-connections", "10"])
    var clients = try (0..<7).map { _ in try server.lm() }
    for client in clients { #expect(try client.health()) }
    #expect(try server.report().hint("connections_near_limit") == nil)
    clients.append(try server.lm())
    #expect(try clients[7].health())
    try eventually("only the last one that asked is there") {
      try server.report().hint("connections_near_limit")?.text == "9 of at most 10 connections are open"
    }
  }

  @Test func handshakesThatSucceedAreNoTrouble() throws {
    let server = try RunningServer.secure(try Self.driver())
    for _ in 0..<4 { #expect(try LMPeer(peer: server.secured(), generation: .nineInts).health()) }
    for _ in 0..<3 {
      let peer = try Peer(port: server.tlsPort())
      try peer.send(Array("*1\r\n$4\r\nPING\r\n".utf8))
      _ = try peer.receiveToEnd()
    }
    #expect(try server.report().hint("tls_handshakes_fail") == nil)
  }

  /// A disk of 64 MiB that takes all that comes is written over within seconds.
  @Test func aDiskThatWearsOut() throws {
    let disk = try DiskDirectory()
    let server = try RunningServer(
      try Self.driver(), disk.flags("--disk-write", "all", "--disk-write-rate", "4GiB"), memory: "128MiB")
    let lm = try server.lm()
    try lm.putAndSee(Self.key("llama", "w", 0), [1])
    #expect(try server.report().hint("disk_wear") == nil)
    let value = Payload.bytes(1 << 20, seed: 1)
    var index = 0
    try eventually("it is written over") {
      index += 1
      try lm.putAndSee(Self.key("llama", "w", index), value)
      return try server.report().rows("disks").first?["written_bytes"] as? Int ?? 0 >= 64 << 20
    }
    #expect(try server.report().hint("disk_wear")?.text.contains("times its size a day") == true)
  }

  @Test func aMachineThatRefusesIOUring() throws {
    let library = try PreloadedLibrary("refuse-io-uring")
    let child = try Child(
      RunningServer.program, ["--port", "0", "--host", "127.0.0.1", "--memory", "64MiB"],
      environment: library.environment)
    let web = WebPeer(peer: try Peer(port: RunningServer.port(of: child)))
    let report = try StatusReport(web.get("/status.json").body)
    #expect(report.fields["driver"] as? String == "epoll")
    let hint = try #require(report.hint("io_uring_refused"))
    #expect(hint.text.contains("epoll in use") && hint.advice.contains("seccomp profile"))
    child.signal(SIGTERM)
    #expect(try child.wait() == .exited(0))
  }

  /// A server that was told to take epoll is not told that something is wrong.
  @Test func epollAsAskedForIsNoTrouble() throws {
    #expect(try RunningServer(.epoll).report().hint("io_uring_refused") == nil)
  }

  @Test func aServerThatIsWellHasNoHints() throws {
    let server = try RunningServer(try Self.driver())
    try goRound(server, chunks: 20, rounds: 4)
    #expect(try server.report().hints.isEmpty)
  }
}

import Foundation
import Testing

/// RESP on the data port, where a comparison with a real Redis is not possible.
@Suite
struct RESPTests {
  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test(arguments: IODriver.available)
  func valuesOfEverySizeComeBack(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let client = try server.resp()
    let sizes = [0, 1, 1023, 1024, 1025, 2048, 2049, 4096, 65_535, 65_536, 1 << 20, (1 << 20) + 1, 5_000_001]
    for size in sizes {
      let value = Payload.bytes(size, seed: UInt64(size))
      #expect(try client.ask([Array("SET".utf8), Array("k".utf8), value]) == "+OK\r\n")
      try client.send("GET", "k")
      #expect(Payload.isSame(try client.bulk(), value), "\(size)")
      #expect(try client.ask("STRLEN", "k") == ":\(size)\r\n")
    }
  }

  /// Clients send a whole pipeline before they read any of it.
  @Test(arguments: IODriver.available, [false, true])
  func aPipelineOfLargeSetsAndGetsDoesNotDeadlock(driver: IODriver, inTransaction: Bool) throws {
    let server = try RunningServer(driver, ["--loops", "1"], memory: "192MiB")
    let client = try server.resp()
    let count = 32
    var bytes: [UInt8] = inTransaction ? RESPPeer.request("MULTI") : []
    let values = (0..<count).map { Payload.bytes(2 << 20, seed: UInt64($0)) }
    for (index, value) in values.enumerated() {
      bytes += RESPPeer.request([Array("SET".utf8), Array("k\(index)".utf8), value])
      bytes += RESPPeer.request("GET", "k\(index)")
    }
    if inTransaction { bytes += RESPPeer.request("EXEC") }
    // Nothing is read before everything is sent.
    try client.peer.send(bytes)
    if inTransaction {
      for _ in 0..<(2 * count + 2) { _ = try client.reply() }
      try client.send("GET", "k\(count - 1)")
      #expect(Payload.isSame(try client.bulk(), values[count - 1]))
    } else {
      for value in values {
        #expect(Self.text(try client.reply()) == "+OK\r\n")
        #expect(Payload.isSame(try client.bulk(), value))
      }
    }
    #expect(try client.ask("PING") == "+PONG\r\n")
  }

  @Test(arguments: IODriver.available)
  func theRepliesOfAPipelineLeaveInOneSend(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let client = try server.resp()
    let count = 40
    try client.peer.send((0..<count).reduce(into: []) { bytes, _ in bytes += RESPPeer.request("EXISTS", "k") })
    #expect(try client.peer.receiveSome() == (0..<count).reduce(into: []) { bytes, _ in bytes += ":0\r\n".utf8 })
  }

  @Test(arguments: IODriver.available)
  func aSetCutOffLeavesTheOldValue(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let client = try server.resp()
    #expect(try client.ask("SET", "k", "old") == "+OK\r\n")
    let cut = try server.resp()
    try cut.peer.send(Array("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3000000\r\n".utf8) + Payload.bytes(1_000_000, seed: 1))
    cut.peer.close()
    try eventually("the cut is counted") { try server.refusals("body_cut_short") == 1 }
    #expect(try client.ask("GET", "k") == "$3\r\nold\r\n")
    #expect(try server.metric("lmcache_server_in_flight_bytes") == 0)
  }

  @Test(arguments: IODriver.available)
  func aValueWithoutItsLineEndIsNotStored(driver: IODriver) throws {
    let server = try RunningServer(driver)
    // They stay open: what a refusal was is counted before its client has gone.
    let clients = [try server.resp(), try server.resp()]
    for (client, length) in zip(clients, [3, 5000]) {
      let value = [UInt8](repeating: 0x78, count: length + 2)
      try client.peer.send(Array("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$\(length)\r\n".utf8) + value)
      #expect(Self.text(try client.rest()) == "-ERR Protocol error: expected CRLF after bulk\r\n")
    }
    #expect(try server.resp().ask("EXISTS", "k") == ":0\r\n")
    #expect(try withExtendedLifetime(clients) { try server.refusals("framing") } == 2)
  }

  @Test(arguments: IODriver.available)
  func claimsCostNothing(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let before = try ProcessStatus(pid: server.child.pid).residentBytes()
    let used = try server.metric("lmcache_server_memory_used_bytes")
    let claims = [
      "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2147483647\r\n", "*2147483647\r\n$1\r\n", "*2\r\n$3\r\nGET\r\n$60000\r\n",
    ]
    let clients = try (0..<60).map { _ in try server.resp() }
    for (index, client) in clients.enumerated() { try client.peer.send(Array(claims[index % 3].utf8)) }
    let probe = try server.resp()
    #expect(try probe.ask("PING") == "+PONG\r\n")
    let taken = try ProcessStatus(pid: server.child.pid).residentBytes() - before
    print("measured: \(driver) \(taken >> 10) KiB for 60 claims")
    #expect(taken < 16 << 20)
    #expect(try server.metric("lmcache_server_memory_used_bytes") - used < 8_000_000)
  }

  @Test(arguments: IODriver.available)
  func aClientThatReadsNothingIsGivenUp(driver: IODriver) throws {
    let server = try RunningServer(driver, memory: "64MiB")
    let client = try server.resp()
    let value = Payload.bytes(2 << 20, seed: 1)
    #expect(try client.ask([Array("SET".utf8), Array("k".utf8), value]) == "+OK\r\n")
    // More than half of the budget waits to be sent; the client goes on asking.
    let gets = (0..<2000).reduce(into: []) { bytes, _ in bytes += RESPPeer.request("GET", "k") }
    let sending = Background {
      for _ in 0..<400 { do { try client.peer.send(gets) } catch { return } }
    }
    try eventually("the connection is closed") { try server.refusals("reply_backlog") == 1 }
    try sending.wait()
    try eventually("its pins are gone") { try server.metric("lmcache_server_connections{protocol=\"resp\"}") == 0 }
  }

  @Test(arguments: IODriver.available)
  func whoHasNotSaidWhoTheyAreIsToldNoShortageOfMemory(driver: IODriver) throws {
    let server = try RunningServer(driver, memory: "16MiB")
    let value = Payload.bytes(12 << 20, seed: 1)
    let native = try server.resp()
    let chunk = "model@08000000@0@5bf1c2"
    func setTooMuch(_ key: String) throws -> String {
      try native.ask([Array("SET".utf8), Array(key.utf8), value])
    }
    #expect(try native.ask("SET", chunk, "old") == "+OK\r\n")
    #expect(try setTooMuch(chunk) == "+OK\r\n")
    // After +OK the client must not read an older value.
    #expect(try native.ask("GET", chunk) == "$-1\r\n")
    // Promised values stay all the same.
    #expect(try native.ask("SET", chunk, "old") == "+OK\r\n" && native.ask("EXISTS", chunk) == ":1\r\n")
    #expect(try setTooMuch(chunk) == "+OK\r\n")
    #expect(try native.ask("GET", chunk) == "$3\r\nold\r\n")
    // The name is not a chunk's, and LMCache's native client writes only chunks.
    #expect(try native.ask("SET", "k", "old") == "+OK\r\n")
    #expect(try setTooMuch("k").hasPrefix("-OOM "))
    #expect(try native.ask("GET", "k") == "$3\r\nold\r\n")
    let client = try server.resp(3)
    #expect(try client.ask("SET", "k", "old") == "+OK\r\n")
    #expect(try client.ask([Array("SET".utf8), Array("k".utf8), value]).hasPrefix("-OOM "))
    #expect(try client.ask("GET", "k") == "$3\r\nold\r\n")
    #expect(
      try server.metric("lmcache_server_requests_total{command=\"set\",outcome=\"drained\",protocol=\"resp\"}") == 4)
  }

  @Test(arguments: IODriver.available)
  func flushIsOffUnlessAllowed(driver: IODriver) throws {
    for isAllowed in [false, true] {
      let server = try RunningServer(driver, isAllowed ? ["--allow-flush"] : [])
      let client = try server.resp()
      #expect(try client.ask("MSET", "a", "1", "b", "2") == "+OK\r\n")
      #expect(try client.ask("FLUSHALL").hasPrefix(isAllowed ? "+OK" : "-ERR "))
      #expect(try client.ask("DBSIZE") == (isAllowed ? ":0\r\n" : ":2\r\n"))
      #expect(try client.ask("FLUSHDB", "ASYNC").hasPrefix(isAllowed ? "+OK" : "-ERR "))
    }
  }

  @Test(arguments: IODriver.available)
  func thePasswordIsReadFromAFile(driver: IODriver) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "lmcache-e2e-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data("secret\nnot this\n".utf8).write(to: file)
    let server = try RunningServer(driver, ["--requirepass", file.path()])
    let client = try server.resp()
    #expect(try client.ask("GET", "k") == "-NOAUTH Authentication required.\r\n")
    #expect(try client.ask("AUTH", "secret") == "+OK\r\n")
    #expect(try client.ask("GET", "k") == "$-1\r\n")
  }

  @Test(arguments: IODriver.available)
  func handshakesOfUsualClients(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let client = try server.resp()
    #expect(try client.ask("HELLO", "3").hasPrefix("%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n"))
    #expect(
      try client.ask("CLIENT", "MAINT_NOTIFICATIONS", "ON", "moving-endpoint-type", "internal-ip")
        == "-ERR unknown subcommand 'MAINT_NOTIFICATIONS'. Try CLIENT HELP.\r\n")
    #expect(try client.ask("CLIENT", "SETINFO", "LIB-NAME", "redis-py(lmcache:0.5.6)") == "+OK\r\n")
    #expect(try client.ask("CLIENT", "SETINFO", "LIB-VER", "8.1.0") == "+OK\r\n")
    #expect(try client.ask("SELECT", "1") == "+OK\r\n")
    #expect(try client.ask("GET", "nothing") == "_\r\n")
    #expect(try client.ask("INFO", "REPLICATION").contains("role:master\r\n"))
    #expect(try client.ask("CLUSTER", "SLOTS").hasPrefix("*1\r\n*3\r\n:0\r\n:16383\r\n*4\r\n"))
    #expect(try client.ask("INFO", "CLUSTER").contains("cluster_enabled:1\r\n"))
    #expect(try client.ask("CONFIG", "GET", "cluster-enabled") == "%1\r\n$15\r\ncluster-enabled\r\n$3\r\nyes\r\n")
    #expect(try client.ask("CLIENT", "LIST").contains("lib-name=redis-py(lmcache:0.5.6)"))
    #expect(try client.ask("COMMAND", "COUNT").hasPrefix(":"))
    #expect(try client.ask("COMMAND", "INFO", "get", "nope").hasSuffix("_\r\n"))
    #expect(try client.ask("COMMAND", "DOCS") == "%0\r\n")
    #expect(try client.ask("TIME").hasPrefix("*2\r\n$10\r\n"))
  }

  @Test(arguments: IODriver.available)
  func everyRequestIsCountedOnce(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let client = try server.resp()
    for index in 0..<5 { #expect(try client.ask("SET", "k\(index)", "v") == "+OK\r\n") }
    #expect(try client.ask("SET", "k0", "v", "NX") == "$-1\r\n")
    for index in 0..<8 { _ = try client.ask("GET", "k\(index)") }
    #expect(try client.ask("EXISTS", "k0", "k1", "nothing") == ":2\r\n")
    #expect(try client.ask("DEL", "k0", "nothing") == ":1\r\n")
    #expect(try client.ask("PING") == "+PONG\r\n")
    _ = try client.ask("NOSUCH")
    let metrics = try server.metrics()
    func requests(_ command: String, _ outcome: String) -> Double? {
      metrics.value(
        of: "lmcache_server_requests_total{command=\"\(command)\",outcome=\"\(outcome)\",protocol=\"resp\"}")
    }
    #expect(requests("set", "stored") == 5 && requests("set", "condition_unmet") == 1)
    #expect(requests("get", "hit") == 5 && requests("get", "miss") == 3)
    #expect(requests("exists", "hit") == 2 && requests("exists", "miss") == 1)
    #expect(requests("del", "removed") == 1 && requests("del", "absent") == 1)
    #expect(requests("other", "ok") == 1 && requests("other", "refused") == 1)
    #expect(metrics.value(of: "lmcache_server_connections{protocol=\"resp\"}") == 1)
  }

  /// Engines fetch a prefix over many connections: it still loses its tail first.
  @Test(arguments: IODriver.available)
  func connectionsOfOneHostWalkTogether(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--loops", "1", "--lease", "0"], memory: "16MiB")
    let filler = try server.lm()
    let value = Payload.bytes(1 << 20, seed: 1)
    let clients = try (0..<2).map { _ in try server.resp() }
    for index in 0..<4 {
      let request = [Array("SET".utf8), Array("chunk \(index)".utf8), value]
      #expect(try clients[0].ask(request) == "+OK\r\n")
    }
    for index in 0..<4 {
      try clients[index % 2].send("GET", "chunk \(index)")
      #expect(try clients[index % 2].bulk().count == value.count)
    }
    func held() throws -> [Bool] {
      try (0..<4).map { try clients[0].ask("STRLEN", "chunk \($0)") != ":0\r\n" }
    }
    var index = 0
    while try held().allSatisfy({ $0 }), index < 40 {
      try filler.put("filler \(index)", value)
      #expect(try filler.health())
      index += 1
    }
    #expect(try held() == [true, true, true, false])
  }

  @Test(arguments: IODriver.available)
  func aDrainEndsWhatIsBetweenTwoRequests(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let idle = try server.resp()
    #expect(try idle.ask("PING") == "+PONG\r\n")
    #expect(try server.stop() == .exited(0))
    #expect(try idle.rest().isEmpty)
  }

  @Test(arguments: IODriver.available)
  func longWordsComeBack(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let client = try server.resp()
    for length in [65_535, 65_536, 1_000_000, 4_000_000] {
      let word = Payload.bytes(length, seed: 1)
      for command in ["ECHO", "PING"] {
        try client.peer.send(RESPPeer.request([Array(command.utf8), word]))
        #expect(try Payload.isSame(client.bulk(), word), "\(command) of \(length)")
      }
    }
    _ = try client.ask("MULTI")
    #expect(try client.ask([Array("ECHO".utf8), Payload.bytes(70_000, seed: 2)]) == "+QUEUED\r\n")
    #expect(try client.ask("EXEC").utf8.count > 70_000)
    #expect(
      try client.ask([Array("CLIENT".utf8), Array("SETNAME".utf8), [UInt8](repeating: 0x6B, count: 70_000)]).hasPrefix(
        "-ERR "))
    try client.peer.send(Array("*2\r\n$4\r\nECHO\r\n$5000000\r\n".utf8))
    #expect(Self.text(try client.rest()) == "-ERR Protocol error: too big request\r\n")
  }

  @Test(arguments: IODriver.available)
  func longNamesAndLongArguments(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let client = try server.resp()
    for length in [1, 150, 1024, 1025, 5000, 65_535] {
      let name = [UInt8](repeating: 0x6B, count: length)
      #expect(try client.ask([Array("SET".utf8), name, name]) == "+OK\r\n")
      try client.send("PING")
      #expect(try client.reply() == Array("+PONG\r\n".utf8))
      try client.peer.send(RESPPeer.request([Array("GET".utf8), name]))
      #expect(try client.bulk() == name, "\(length)")
    }
    let tooLong = [UInt8](repeating: 0x6B, count: 70_000)
    #expect(try client.ask([Array("EXISTS".utf8), tooLong]) == ":0\r\n")
    #expect(try client.ask([Array("GET".utf8), tooLong]) == "$-1\r\n")
    #expect(try client.ask([Array("SET".utf8), tooLong, tooLong]).hasPrefix("-ERR "))
    #expect(try client.ask("SET", "", "v").hasPrefix("-ERR "))
    let many = (0..<5000).map { Array("name \($0)".utf8) }
    #expect(try client.ask([Array("EXISTS".utf8)] + many) == ":0\r\n")
  }
}

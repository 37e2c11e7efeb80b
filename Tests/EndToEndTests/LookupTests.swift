import Base
import Foundation
import Testing
import Wire

/// The lookup registry, used as by engines up to 0.3.6.
@Suite struct LookupTests {
  static let flags = ["--lookup", "127.0.0.1:0", "--peer-check", "off"]

  @Test(arguments: IODriver.available)
  func whatEnginesSay(driver: IODriver) throws {
    let server = try RunningServer(driver, Self.flags)
    let engine = try server.lookup()
    // The handshake of redis-py 5, then the requests of RedisLookupServer.
    #expect(try engine.expect(RESPWords.command("CLIENT", "SETINFO", "LIB-NAME", "redis-py"), "+OK\r\n"))
    #expect(try engine.expect(RESPWords.command("CLIENT", "SETINFO", "LIB-VER", "5.2.1"), "+OK\r\n"))
    #expect(try engine.expect(RESPWords.command("GET", "k1"), "$-1\r\n"))
    #expect(try engine.expect(RESPWords.command("SET", "k1", "10.0.0.1:8200"), "+OK\r\n"))
    #expect(try engine.expect(RESPWords.command("SET", "k2", "10.0.0.2:8200"), "+OK\r\n"))
    #expect(try engine.expect(RESPWords.command("GET", "k1"), "$13\r\n10.0.0.1:8200\r\n"))
    #expect(try engine.expect(RESPWords.command("EXISTS", "k1", "k2", "k3"), ":2\r\n"))
    #expect(
      try engine.expect(
        RESPWords.command("MGET", "k1", "k3", "k2"), "*3\r\n$13\r\n10.0.0.1:8200\r\n$-1\r\n$13\r\n10.0.0.2:8200\r\n"))
    #expect(try engine.expect(RESPWords.command("DEL", "k1", "k2", "k3"), ":2\r\n"))
    #expect(try engine.expect(RESPWords.command("GET", "k1"), "$-1\r\n"))
    #expect(try engine.expect(RESPWords.command("QUIT"), "+OK\r\n"))
    #expect(try engine.isClosedSilently())
    #expect(try server.metric("lmcache_server_registry_lookups_total{outcome=\"owner\"}") == 5)
    #expect(try server.metric("lmcache_server_registry_registrations_total{outcome=\"removed\"}") == 2)
    #expect(try server.metric("lmcache_server_registry_entries") == 0)
  }

  @Test func greetingsOfBothDialects() throws {
    let server = try RunningServer(.epoll, Self.flags)
    let client = try server.lookup()
    #expect(try client.expect(RESPWords.command("PING"), "+PONG\r\n"))
    #expect(try client.expect(RESPWords.command("SELECT", "0"), "+OK\r\n"))
    try client.send(RESPWords.command("HELLO", "3"))
    #expect(try client.expect([], "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n"))
    try client.send(RESPWords.command("GET", "nothing"))
    var received: [UInt8] = []
    while !received.ends(with: "*0\r\n_\r\n") { received += try client.receiveSome() }
    #expect(String(decoding: received, as: UTF8.self).contains("proto\r\n:3\r\n"))
    #expect(try client.expect(RESPWords.command("GET", "nothing"), "_\r\n"))
    #expect(try client.expect(Array("set word 10.0.0.1:1\r\nget word\r\n".utf8), "+OK\r\n$10\r\n10.0.0.1:1\r\n"))
    let web = try server.lookup()
    try web.send(Array("GET /health HTTP/1.1\r\nConnection: close\r\n\r\n".utf8))
    #expect(String(decoding: try web.receiveToEnd(), as: UTF8.self).hasPrefix("HTTP/1.1 200 OK"))
  }

  /// What is said beside the point is the same at both doors.
  @Test func bothDoorsGreetAlike() throws {
    let server = try RunningServer(.epoll, Self.flags)
    let (store, registry) = (try server.resp(), try server.lookupRESP())
    let requests = [
      "PING", "PING a", "PING a b", "ECHO a", "SELECT 15", "SELECT 16", "SELECT x", "CLIENT GETNAME",
      "CLIENT SETNAME me", "CLIENT GETNAME", "CLIENT SETINFO LIB-NAME x", "CLIENT SETINFO COLOUR x", "CLIENT NOTHING",
      "CLIENT NO-EVICT on", "AUTH secret", "AUTH default secret", "AUTH other secret", "HELLO 4", "HELLO 2 COLOUR",
      "COMMAND INFO ping get", "COMMAND DOCS", "RESET", "CLIENT GETNAME", "GET",
    ]
    for request in requests {
      let words = request.split(separator: " ").map { Array($0.utf8) }
      #expect(try registry.ask(words) == store.ask(words), "\(request)")
    }
    // Numbers of clients differ.
    #expect(try registry.ask("CLIENT", "ID") != store.ask("CLIENT", "ID"))
    #expect(try registry.ask("SET", "key", "10.0.0.1:1") == "+OK\r\n")
    #expect(try registry.ask("DBSIZE") == ":1\r\n" && store.ask("DBSIZE") == ":0\r\n")
    #expect(try registry.ask("INFO", "keyspace").contains("db0:keys=1,"))
    #expect(try !store.ask("INFO", "keyspace").contains("db0"))
    #expect(try registry.ask("INFO").contains("\r\nmaxmemory:134217728\r\n"))
    // A browser's request ends the connection at either.
    for client in [store, registry] {
      try client.send("POST", "/")
      #expect(try client.rest().isEmpty)
    }
  }

  /// The password of the data port is not asked for here.
  @Test func theRegistryKnowsNoPassword() throws {
    let password = FileManager.default.temporaryDirectory.appending(path: "password-\(UUID().uuidString)")
    try Data("secret".utf8).write(to: password)
    defer { try? FileManager.default.removeItem(at: password) }
    let server = try RunningServer(.epoll, Self.flags + ["--requirepass", password.path()])
    #expect(try server.resp().ask("GET", "key").hasPrefix("-NOAUTH"))
    #expect(try server.lookupRESP().ask("GET", "key") == "$-1\r\n")
    #expect(try server.lookupRESP().ask("HELLO", "3", "AUTH", "default", "other").hasPrefix("%7\r\n"))
  }

  /// Whatever the pieces in which it comes.
  @Test func aPipelineInPieces() throws {
    let server = try RunningServer(.epoll, Self.flags)
    let client = try server.lookup()
    let pipeline =
      RESPWords.command("SET", "key", "10.0.0.1:1") + RESPWords.command("GET", "key") + RESPWords.command("DEL", "key")
    for byte in pipeline { try client.send([byte]) }
    #expect(try client.expect([], "+OK\r\n$10\r\n10.0.0.1:1\r\n:1\r\n"))
    // Many thousand keys in one request, as an eviction sends them, and a pipeline longer than any buffer.
    let keys = (0..<20_000).map { "vllm@meta-llama/Llama-3.1-8B@1@0@\($0)" }
    let sender = Background { try client.send(keys.flatMap { RESPWords.command("SET", $0, "10.0.0.1:8200") }) }
    #expect(try client.expect([], String(repeating: "+OK\r\n", count: keys.count)))
    try sender.wait()
    #expect(try client.expect(RESPWords.command(["EXISTS"] + keys), ":20000\r\n"))
    #expect(try client.expect(RESPWords.command(["DEL"] + keys), ":20000\r\n"))
  }

  @Test func whatIsNotForARegistry() throws {
    let server = try RunningServer(.epoll, Self.flags)
    let client = try server.lookup()
    #expect(
      try client.expect(
        RESPWords.command("HSET", "a", "b"), "-ERR unknown command 'HSET': this port is a lookup registry\r\n"))
    #expect(try client.expect(RESPWords.command("GET"), "-ERR wrong number of arguments for 'get' command\r\n"))
    #expect(try client.expect(RESPWords.command("SET", "k", "v", "EX", "5"), "-ERR syntax error\r\n"))
    #expect(try client.expect(RESPWords.command("SELECT", "16"), "-ERR DB index is out of range\r\n"))
    #expect(
      try client.expect(RESPWords.command("MULTI"), "-ERR unknown command 'MULTI': this port is a lookup registry\r\n"))
    let long = String(repeating: "k", count: 1025)
    #expect(
      try client.expect(
        RESPWords.command("SET", long, "10.0.0.1:1"), "-ERR the key is longer than this registry takes\r\n"))
    #expect(
      try client.expect(RESPWords.command("SET", "k", long), "-ERR the value is longer than host:port can be\r\n"))
    #expect(try client.expect(RESPWords.command("GET", long), "$-1\r\n"))
    #expect(
      try client.expect(Array("*1\r\n:5\r\n".utf8), "-ERR Protocol error: expected '$', got ':'\r\n"))
    #expect(try client.isClosedSilently())
    let lm = try server.lookup()
    try lm.send(LMPeer.request(.exist, "key"))
    #expect(try lm.isClosedSilently())
  }

  /// The same string can name a chunk and an entry; neither affects the other.
  @Test func chunksAndEntriesAreSeparate() throws {
    let server = try RunningServer(.epoll, Self.flags)
    let lm = try server.lm()
    let client = try server.lookup()
    let bytes = Payload.bytes(100_000, seed: 1)
    try lm.putAndSee("shared", bytes)
    #expect(try client.expect(RESPWords.command("GET", "shared"), "$-1\r\n"))
    #expect(try client.expect(RESPWords.command("SET", "shared", "10.0.0.1:1"), "+OK\r\n"))
    #expect(try lm.holds("shared", bytes))
    #expect(try client.expect(RESPWords.command("DEL", "shared"), ":1\r\n"))
    #expect(try lm.holds("shared", bytes))
  }

  @Test func aClientsOwnAddressIsCheckedAndHiddenWhenItIsGone() throws {
    let server = try RunningServer(.epoll, ["--lookup", "127.0.0.1:0", "--peer-check", "1"])
    let client = try server.lookup()
    let engine = try LoopbackListener()
    #expect(try client.expect(RESPWords.command("SET", "k", "127.0.0.1:\(engine.port)"), "+OK\r\n"))
    #expect(try client.expect(RESPWords.command("SET", "far", "192.0.2.1:9"), "+OK\r\n"))
    try eventually("it is checked") {
      try server.metrics().value(of: "lmcache_server_registry_checks_total{outcome=\"reachable\"}") ?? 0 > 0
    }
    #expect(try server.metric("lmcache_server_registry_owners{state=\"alive\"}") == 1)
    #expect(try server.metric("lmcache_server_registry_owners{state=\"unchecked\"}") == 1)
    #expect(try client.expect(RESPWords.command("GET", "far"), "$11\r\n192.0.2.1:9\r\n"))
    engine.close()
    try eventually("it is hidden") { try server.metric("lmcache_server_registry_owners{state=\"hidden\"}") == 1 }
    #expect(try client.expect(RESPWords.command("GET", "k"), "$-1\r\n"))
  }

  @Test func aBudgetThatIsSpentDropsTheOldest() throws {
    let server = try RunningServer(.epoll, Self.flags + ["--registry-memory", "1MiB"])
    let client = try server.lookup()
    let keys = (0..<30_000).map { "vllm@meta-llama/Llama-3.1-8B@1@0@\($0)" }
    let sender = Background { try client.send(keys.flatMap { RESPWords.command("SET", $0, "10.0.0.1:8200") }) }
    #expect(try client.expect([], String(repeating: "+OK\r\n", count: keys.count)))
    try sender.wait()
    #expect(try client.expect(RESPWords.command("EXISTS", keys[0], keys[29_999]), ":1\r\n"))
    let entries = try server.metric("lmcache_server_registry_entries")
    #expect(entries + (try server.metrics().value(of: "lmcache_server_registry_dropped_total") ?? 0) == 30_000)
    #expect(try server.metric("lmcache_server_registry_used_bytes") <= 1_048_576)
  }
}

extension [UInt8] {
  fileprivate func ends(with text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}

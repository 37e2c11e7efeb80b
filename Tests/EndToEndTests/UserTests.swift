import Foundation
import Testing

/// Tenants of one server, by RESP.
@Suite
struct UserTests {
  private static let tenants = """
    # two tenants, a reader and an operator
    user team-a on >alpha ~team-a/* +@read +@write +@connection +@transaction +info
    user team-b on >beta ~team-b/* +@all
    user reader on >gamma %R~team-a/* +@read
    user writer on >delta %W~team-a/* +@read +@write
    user admin on >omega ~* +@all

    """

  private static func started(_ driver: IODriver, _ file: UserFile, _ flags: [String] = []) throws -> RunningServer {
    try RunningServer(driver, ["--users", file.path] + flags)
  }

  private static func client(_ server: RunningServer, _ user: String, _ password: String) throws -> RESPPeer {
    let client = try server.resp()
    #expect(try client.ask("AUTH", user, password) == "+OK\r\n")
    return client
  }

  private static let noKey = "-NOPERM No permissions to access a key\r\n"

  @Test(arguments: IODriver.available)
  func tenantsNeitherReadNorSeeNorChangeEachOthersKeys(driver: IODriver) throws {
    let file = try UserFile(Self.tenants)
    let server = try Self.started(driver, file, ["--allow-flush"])
    let (a, b) = (try Self.client(server, "team-a", "alpha"), try Self.client(server, "team-b", "beta"))
    let name = "team-a/llama@1@0@ff@bfloat16"
    let value = Payload.bytes(300_000, seed: 1)
    for half in ["kv_bytes", "metadata"] {
      #expect(
        try a.ask([Array("SET".utf8), Array((name + half).utf8), half == "metadata" ? Array("m".utf8) : value])
          == "+OK\r\n")
    }
    #expect(try a.ask("SET", "team-a/plain", "1") == "+OK\r\n")
    #expect(try b.ask("SET", "team-b/plain", "2") == "+OK\r\n")
    // In every spelling of either half.
    for spelling in [
      name + "kv_bytes", name + ":kv_bytes", "{\(name)}:kv_bytes", name + "metadata", "{\(name)}:metadata", name,
    ] {
      for command in ["GET", "EXISTS", "DEL", "UNLINK", "STRLEN", "TYPE", "TTL", "PTTL", "PERSIST", "TOUCH"] {
        #expect(try b.ask(command, spelling) == Self.noKey, "\(command) \(spelling)")
      }
      #expect(try b.ask("SET", spelling, "x") == Self.noKey)
      #expect(try b.ask("SETEX", spelling, "9", "x") == Self.noKey)
      #expect(try b.ask("EXPIRE", spelling, "0") == Self.noKey)
      #expect(try b.ask("MGET", "team-b/plain", spelling) == Self.noKey)
      #expect(try b.ask("MSET", "team-b/plain", "3", spelling, "x") == Self.noKey)
    }
    #expect(try b.ask("GET", "team-b/plain") == "$1\r\n2\r\n", "a request is refused whole")
    #expect(try b.ask("KEYS", "*") == "*1\r\n$12\r\nteam-b/plain\r\n")
    #expect(try b.ask("SCAN", "0", "COUNT", "1000") == "*2\r\n$1\r\n0\r\n*1\r\n$12\r\nteam-b/plain\r\n")
    #expect(try b.ask("DBSIZE") == ":1\r\n")
    #expect(try !b.ask("INFO", "keyspace").contains("db0"))
    #expect(try b.ask("FLUSHALL") == Self.noKey)
    #expect(try b.ask("FLUSHDB") == Self.noKey)
    try a.send("GET", name + "kv_bytes")
    #expect(Payload.isSame(try a.bulk(), value))
    let admin = try Self.client(server, "admin", "omega")
    #expect(try admin.ask("DBSIZE") == ":4\r\n")
    #expect(try admin.ask("FLUSHALL") == "+OK\r\n")
    #expect(try a.ask("DBSIZE") == ":0\r\n")
  }

  @Test(arguments: IODriver.available)
  func readersAndWritersDoNoMore(driver: IODriver) throws {
    let file = try UserFile(Self.tenants)
    let server = try Self.started(driver, file)
    let reader = try Self.client(server, "reader", "gamma")
    let writer = try Self.client(server, "writer", "delta")
    #expect(try writer.ask("SET", "team-a/k", "1") == "+OK\r\n")
    #expect(try writer.ask("GET", "team-a/k") == Self.noKey)
    #expect(try writer.ask("SET", "team-a/k", "2", "GET") == Self.noKey)
    #expect(try writer.ask("SET", "team-a/k", "2", "EX", "100", "get") == Self.noKey)
    #expect(try writer.ask("EXISTS", "team-a/k") == ":1\r\n")
    #expect(try reader.ask("GET", "team-a/k") == "$1\r\n1\r\n")
    #expect(
      try reader.ask("SET", "team-a/k", "3") == "-NOPERM User reader has no permissions to run the 'set' command\r\n")
    #expect(try reader.ask("PING") == "-NOPERM User reader has no permissions to run the 'ping' command\r\n")
    #expect(try reader.ask("ACL", "WHOAMI").hasPrefix("-NOPERM"))
    #expect(try reader.ask("GET", "team-a/k") == "$1\r\n1\r\n")
    #expect(try server.refusals("no_permission") == 6)
  }

  /// A value that its user may not store takes no room from others, and what follows it is read all the same.
  @Test(arguments: IODriver.available)
  func aLargeValueOfAnotherIsDropped(driver: IODriver) throws {
    let file = try UserFile(Self.tenants)
    let server = try Self.started(driver, file)
    let (b, reader) = (try Self.client(server, "team-b", "beta"), try Self.client(server, "reader", "gamma"))
    let value = Payload.bytes(3_000_000, seed: 2)
    let set = [Array("SET".utf8), Array("team-a/k".utf8), value]
    #expect(try b.ask(set) == Self.noKey)
    #expect(try reader.ask(set).hasPrefix("-NOPERM User reader"))
    try b.peer.send(RESPPeer.request("MULTI") + RESPPeer.request(set) + RESPPeer.request("EXEC"))
    #expect(try b.reply() == Array("+OK\r\n".utf8))
    #expect(try b.reply() == Array(Self.noKey.utf8))
    #expect(try b.reply().starts(with: "-EXECABORT".utf8))
    #expect(try server.metric("lmcache_server_in_flight_bytes") == 0)
    #expect(try server.metric("lmcache_server_published_total") == 0)
    #expect(try Int(server.metric("lmcache_server_drained_bytes_total")) >= 9_000_000)
  }

  @Test(arguments: IODriver.available)
  func whoDoesNotSayWhoItIs(driver: IODriver) throws {
    let file = try UserFile(Self.tenants)
    let server = try Self.started(driver, file)
    let client = try server.resp()
    #expect(try client.ask("GET", "team-a/k") == "-NOAUTH Authentication required.\r\n")
    for (user, password) in [("team-a", "beta"), ("nobody", "alpha"), ("default", ""), ("team-a", "")] {
      #expect(try client.ask("AUTH", user, password).hasPrefix("-WRONGPASS"))
      #expect(try client.ask("HELLO", "3", "AUTH", user, password).hasPrefix("-WRONGPASS"))
    }
    #expect(try client.ask("AUTH", "alpha").hasPrefix("-WRONGPASS"))
    #expect(try client.ask("HELLO", "3", "AUTH", "team-a", "alpha").hasPrefix("%7\r\n"))
    #expect(try client.ask("GET", "team-a/k") == "_\r\n")
    #expect(try client.ask("AUTH", "team-b", "beta") == "+OK\r\n")
    #expect(try client.ask("ACL", "WHOAMI") == "$6\r\nteam-b\r\n")
    #expect(try client.ask("CLIENT", "INFO").contains(" user=team-b "))
    #expect(try client.ask("AUTH", "team-a", "wrong").hasPrefix("-WRONGPASS"))
    #expect(try client.ask("ACL", "WHOAMI") == "$6\r\nteam-b\r\n", "a failure changes nothing")
    #expect(try client.ask("ACL", "LIST").contains("user team-a on #(hidden) ~team-a/* -@all +@read"))
    #expect(try client.ask("ACL", "GETUSER", "nobody") == "_\r\n")
    #expect(try client.ask("ACL", "GETUSER", "reader").contains("%R~team-a/*"))
    #expect(try client.ask("ACL", "CAT").contains("keyspace"))
    #expect(try client.ask("ACL", "CAT", "read").contains("get"))
    #expect(try client.ask("RESET") == "+RESET\r\n")
    #expect(try client.ask("GET", "team-b/k").hasPrefix("-NOAUTH"))
    #expect(try server.refusals("wrong_password") == 10)
    try eventually("it is logged") {
      server.log.contains("reason=wrong_password") || server.log.contains("did not prove")
    }
    for secret in ["alpha", "beta", "omega"] { #expect(!server.log.contains(secret)) }
    #expect(server.log.contains("user=team-a") && server.log.contains("user=unknown"))
  }

  @Test(arguments: IODriver.available)
  func sessionsOfAUserThatChangesFollow(driver: IODriver) throws {
    let file = try UserFile(Self.tenants)
    let server = try Self.started(driver, file)
    let (a, b) = (try Self.client(server, "team-a", "alpha"), try Self.client(server, "team-b", "beta"))
    let admin = try Self.client(server, "admin", "omega")
    #expect(try a.ask("MULTI") == "+OK\r\n")
    #expect(try a.ask("SET", "team-a/k", "1") == "+QUEUED\r\n")
    try file.write(
      "user team-a on >alpha ~team-c/* +@all\nuser admin on >omega ~* +@all\nuser team-b on >other ~* +@all\n")
    server.child.signal(SIGHUP)
    try eventually("the users are read") { server.log.contains("users read again") }
    // New rules for who is the same; whose proof is none any more is out.
    #expect(try a.ask("EXEC") == "*1\r\n\(Self.noKey)")
    #expect(try a.ask("SET", "team-c/k", "1") == "+OK\r\n")
    // Its end is waited for only where it comes.
    try #require(try b.ask("GET", "team-b/k").hasPrefix("-NOAUTH "))
    #expect(try b.rest().isEmpty)
    #expect(try admin.ask("KEYS", "*") == "*1\r\n$8\r\nteam-c/k\r\n")
    try file.write("user team-a on >alpha ~team-d/* +@oll\n")
    server.child.signal(SIGHUP)
    try eventually("what is wrong is said") { server.log.contains("line 1: there is no category '@oll'") }
    #expect(try a.ask("GET", "team-c/k") == "$1\r\n1\r\n", "nothing has changed")
  }

  @Test(arguments: ["user a on >x ~* +@oll\n", "", nil])
  func aFileThatCannotBeFollowedIsNoStart(text: String?) throws {
    let file = try UserFile(text ?? "")
    let path = text == nil ? "/nowhere/users" : file.path
    guard text != "" else {
      // Nobody may anything: the server starts, and says so to everybody.
      let server = try RunningServer(.epoll, ["--users", path])
      #expect(try server.resp().ask("GET", "k").hasPrefix("-NOAUTH"))
      return
    }
    let child = try Child(RunningServer.program, ["--port", "0", "--users", path])
    #expect(try child.wait() == .exited(2))
    #expect(child.standardError.contains(text == nil ? "No such file" : "line 1: there is no category '@oll'"))
  }

  @Test func aFileForAllEyesIsWarnedAbout() throws {
    let open = try UserFile(Self.tenants, mode: 0o644)
    let server = try Self.started(.epoll, open)
    try eventually("it is warned about") { server.log.contains("can be read by everybody on this machine") }
  }

  /// A client that others use, as they use it.
  @Test func redisCliAsAUser() throws {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/redis-cli") else { return }
    let file = try UserFile(Self.tenants)
    let server = try Self.started(.epoll, file)
    func run(_ words: String...) throws -> String {
      let child = try Child(
        "/usr/bin/redis-cli",
        ["-p", "\(server.port)", "--no-auth-warning", "--user", "team-a", "--pass", "alpha"] + words)
      _ = try child.wait()
      return child.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    #expect(try run("SET", "team-a/k", "1") == "OK")
    #expect(try run("GET", "team-a/k") == "1")
    #expect(try run("GET", "team-b/k").hasPrefix("NOPERM"))
  }
}

import Foundation
import Testing
import Wire

/// The door for what changes the server, and those who should not come in.
@Suite
struct AdminTests {
  private let file: TokenFile
  private var flags: [String] { ["--admin", "127.0.0.1:0", "--admin-token-file", file.path] }

  init() throws { file = try TokenFile() }

  @Test(arguments: IODriver.available)
  func onlyWhoKnowsTheTokenIsAnswered(driver: IODriver) throws {
    let server = try RunningServer(driver, flags)
    let admin = try server.admin()
    #expect(try admin.ask("POST /log-level?level=debug").status == 200)
    let wrong = [nil, "", "x", String(TokenFile.token.dropLast()), TokenFile.token + "0", TokenFile.token.uppercased()]
    for token in wrong {
      for line in ["POST /log-level?level=error", "DELETE /chunks?all=yes", "POST /drain", "GET /", "GET /metrics"] {
        let answer = try AdminPeer(port: admin.port, token: token).ask(line)
        #expect(answer.status == 401 && answer.fields["www-authenticate"] == "Bearer", "\(line)")
        #expect(answer.fields["connection"] == "close" && answer.body.contains("\"error\""))
      }
    }
    #expect(try server.refusals("admin_token") == Double(wrong.count * 5))
    #expect(server.log.contains("admin refused reason=admin_token from=127.0.0.1:"))
    let told = try server.web().get("/stats").body + server.web().get("/metrics").body + server.log
    #expect(!told.contains(TokenFile.token) && !told.contains(TokenFile.token.dropLast()))
    #expect(try server.status(of: "/chunks") == 404, "the door of the data knows nothing of it")
    #expect(try server.web().ask("DELETE /chunks?all=yes HTTP/1.1", fields: ["Host: a"]).status == 404)
    #expect(try server.lm().health())
  }

  @Test(arguments: IODriver.available)
  func whatABrowserMaySendIsRefused(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--admin", ":0"])
    #expect(!server.log.contains("admin is not encrypted"))
    let port = try server.port(after: "admin listening")
    #expect(server.log.contains("admin listening host=127.0.0.1"))
    let admin = AdminPeer(port: port, token: nil)
    try server.lm().putAndSee("key", [1])
    for field in ["Origin: http://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site"] {
      #expect(try admin.ask("DELETE /chunks?all=yes", fields: [field]).status == 403)
    }
    for host in ["evil.example:\(port)", "127.0.0.1.evil.example", ""] {
      let web = WebPeer(peer: try Peer(port: port))
      #expect(try web.ask("DELETE /chunks?all=yes HTTP/1.1", fields: ["Host: \(host)"]).status == 403)
    }
    #expect(try WebPeer(peer: Peer(port: port)).ask("POST /drain HTTP/1.0").status == 403)
    let preflight = try admin.ask(
      "OPTIONS /chunks", fields: ["Origin: http://evil.example", "Access-Control-Request-Method: DELETE"])
    #expect(preflight.status == 403 && !preflight.fields.keys.contains { $0.hasPrefix("access-control") })
    #expect(try server.refusals("admin_origin") == 8)
    #expect(try server.lm().exists("key"))
    #expect(try admin.remove("all=yes")["chunks"] as? Int == 1, "this host's processes need no token here")
  }

  @Test(arguments: IODriver.available)
  func rudeRequestsChangeNothing(driver: IODriver) throws {
    let server = try RunningServer(driver, flags)
    let admin = try server.admin()
    try server.lm().putAndSee("key", [1])
    for target in [
      "/chunks/", "//chunks", "/../chunks", "/x/../chunks", "/./chunks", "/%63hunks", "/chunks%3Fall=yes", "/CHUNKS",
      "/",
      "/metrics", "/chunks%00", "/chunks;all=yes", "/etc/passwd", "/drain/../chunks",
    ] {
      #expect(try admin.ask("DELETE \(target)?all=yes").status == 404, "\(target)")
    }
    for query in ["", "?", "?all", "?all=no", "?all=yes&all=yes", "?key=%", "?tag=user", "?unknown=a"] {
      #expect(try admin.ask("DELETE /chunks\(query)").status == 400, "\(query)")
    }
    let wrongMethod = try admin.ask("GET /chunks?all=yes")
    #expect(wrongMethod.status == 405 && wrongMethod.fields["allow"] == "DELETE")
    #expect(try admin.ask("POST /drain", fields: ["Content-Length: 3"]).status == 413)
    #expect(try admin.ask("POST /drain", fields: ["Content-Length: 99999999999999"]).status == 413)
    #expect(try admin.ask("POST /drain", fields: ["Transfer-Encoding: chunked"]).status == 400)
    #expect(try admin.ask("POST /drain", fields: ["Content-Length: 0", "Content-Length: 1"]).status == 400)
    #expect(try admin.ask("POST /drain", fields: ["Host: 127.0.0.1"]).status == 400)
    #expect(try admin.ask("DELETE /chunks?key=\(String(repeating: "k", count: 9000))").status == 431)
    // What stands behind a request is no other request.
    let web = WebPeer(peer: try Peer(port: admin.port))
    let field = "Authorization: Bearer \(TokenFile.token)"
    try web.send("POST /nothing HTTP/1.1", fields: ["Host: 127.0.0.1", field])
    try? web.send("DELETE /chunks?all=yes HTTP/1.1", fields: ["Host: 127.0.0.1", field])
    #expect(try web.answer().status == 404)
    #expect(try web.peer.receiveToEnd().isEmpty)
    for bytes in [Array("*1\r\n$4\r\nPING\r\n".utf8), [0x16, 0x03, 0x01], LMPeer.request(.health, "")] {
      let other = try Peer(port: admin.port)
      try other.send(bytes)
      #expect(try other.isClosedSilently())
    }
    #expect(try server.lm().exists("key"))
    #expect(try server.status(of: "/readyz") == 200)
  }

  /// Those who only knock take no places of clients, nor of those who ask.
  @Test(arguments: IODriver.available)
  func theSilentMakeRoom(driver: IODriver) throws {
    let server = try RunningServer(driver, flags + ["--max-connections", "4"])
    let admin = try server.admin()
    var silent = try (0..<4).map { _ in try Peer(port: admin.port) }
    try silent[3].send(Array("POST /drain HTTP/1.1\r\nHost: 127".utf8))
    silent += try (4..<20).map { _ in try Peer(port: admin.port) }
    try eventually("the oldest go") { try server.refusals("admin_displaced") == 12 }
    for peer in silent[..<12] { #expect(try peer.isClosedSilently()) }
    #expect(try admin.ask("POST /log-level?level=info").status == 200, "not one who asks")
    #expect(try silent[12].isClosedSilently())
    let dripping = try (0..<4).map { _ in try server.lm() }
    for client in dripping { #expect(try client.health()) }
    for peer in silent[13...] { #expect(try peer.isClosedSilently(), "the rest in time") }
    #expect(try server.refusals("admin_busy") == 0)
  }

  @Test(arguments: IODriver.available)
  func itHasItsOwnAddresses(driver: IODriver) throws {
    let server = try RunningServer(driver, flags + ["--allow", "127.0.0.2,admin=127.0.0.3"])
    let admin = try server.admin()
    #expect(try admin.ask("POST /log-level?level=info", from: 3).status == 200)
    #expect(try Peer(port: admin.port, from: 2).isClosedSilently())
    let open = try RunningServer(driver, flags + ["--allow", "10.0.0.0/8"])
    #expect(try open.admin().ask("POST /log-level?level=info").status == 200, "it is not for clients")
  }

  @Test(arguments: IODriver.available)
  func theLogLevelChanges(driver: IODriver) throws {
    let server = try RunningServer(driver, flags)
    let admin = try server.admin()
    let answer = try admin.ask("POST /log-level?level=error")
    #expect(answer.status == 200 && answer.body == "{\"log_level\": \"error\", \"before\": \"info\"}\n")
    // A line that is not written any more, and one that is written at every level.
    let rude = try server.connect()
    try rude.send([0x16, 0x03, 0x01])
    #expect(try rude.isClosedSilently())
    #expect(try admin.ask("POST /log-level?level=info").status == 200)
    let late = try server.connect()
    try late.send([0x16, 0x03, 0x01])
    #expect(try late.isClosedSilently())
    try eventually("the log says what it may") { server.log.contains("tls_on_plain_port") }
    let lines = server.log.split(separator: "\n").suffix(3)
    #expect(lines.count { $0.contains("admin sets the log level from=127.0.0.1:") } == 2)
    #expect(server.log.components(separatedBy: "tls_on_plain_port").count == 2, "one of two")
  }

  /// What somebody set in an emergency is not undone by who renews a certificate.
  @Test func aSignalLeavesTheLevelAsItIs() throws {
    let mount = try ConfigurationMount(["config.yaml": "server:\n  log_level: info\n"])
    let server = try RunningServer(.epoll, flags + ["--config", mount.path("config.yaml")])
    let admin = try server.admin()
    #expect(try admin.ask("POST /log-level?level=debug").status == 200)
    // When the second is told of, the first is over.
    for _ in 0..<2 { try server.hangUp(until: "configuration read again") }
    #expect(try admin.ask("POST /log-level?level=warning").body.contains("\"before\": \"debug\""))
  }

  @Test(arguments: IODriver.available)
  func aDrainEndsTheServer(driver: IODriver) throws {
    let server = try RunningServer(driver, flags)
    let client = try server.lm()
    #expect(try client.health())
    let answer = try server.admin().ask("POST /drain")
    #expect(answer.status == 202)
    #expect(answer.body == "{\"draining\": true, \"data_connections\": 1}\n")
    #expect(try server.child.wait() == .exited(0))
    #expect(server.log.contains("admin begins a drain from=127.0.0.1:"))
  }

  @Test func whatCannotBeOpenedSafelyIsNotOpened() throws {
    func complaint(_ flags: String...) throws -> String {
      let child = try Child(RunningServer.program, ["--port", "0", "--memory", "64MiB", "--io", "epoll"] + flags)
      #expect(try child.wait() == .exited(2))
      return child.standardError
    }
    for host in ["0.0.0.0", "[::]", "*"] {
      #expect(try complaint("--admin", "\(host):0").contains("can be reached from elsewhere, so it needs"))
    }
    #expect(try complaint("--admin", ":0", "--admin-token-file", "/does/not/exist").contains("cannot be read"))
    for text in ["", "\n\(TokenFile.token)", "short", "with some spaces in it", "nötig, aber kein ASCII"] {
      let file = try TokenFile(text)
      let line = try complaint("--admin", ":0", "--admin-token-file", file.path)
      #expect(line.contains("does not begin with a token"), "\(line)")
      #expect(text.isEmpty || !line.contains(text))
    }
    let file = try TokenFile()
    let server = try RunningServer(.epoll, ["--admin", "0.0.0.0:0", "--admin-token-file", file.path])
    #expect(server.log.contains("admin is not encrypted, and can be reached from elsewhere"))
    let web = WebPeer(peer: try Peer(port: try server.admin().port))
    let fields = ["Host: cache-admin", "Authorization: Bearer \(TokenFile.token)"]
    #expect(
      try web.ask("POST /log-level?level=info HTTP/1.1", fields: fields).status == 200, "others know it by a name")
  }
}

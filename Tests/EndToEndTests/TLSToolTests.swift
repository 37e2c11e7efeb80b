import Foundation
import Testing

/// Tools that people reach for, which have never seen this server.
@Suite struct TLSToolTests {
  private static func run(_ command: String) throws -> (end: Child.End, text: String) {
    let child = try Child("bash", ["-c", command])
    let end = try child.wait()
    return (end, child.standardOutput + child.standardError)
  }

  private static func openssl(_ server: RunningServer, _ options: String, say words: String) throws -> String {
    let target = "-connect 127.0.0.1:\(try server.tlsPort()) -CAfile \(Certificates.shared.path("ca.crt"))"
    return try run(
      "(printf '\(words)'; sleep 1) | timeout 60 openssl s_client \(target) -verify_return_error \(options) 2>&1"
    )
    .text
  }

  @Test(arguments: IODriver.available)
  func openssl(driver: IODriver) throws {
    let server = try RunningServer.secure(driver)
    for (option, version) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
      let text = try Self.openssl(server, "\(option) -quiet", say: "PING\\r\\nQUIT\\r\\n")
      #expect(text.contains("+PONG"), "\(text)")
      let brief = try Self.openssl(server, "\(option) -brief", say: "QUIT\\r\\n")
      #expect(brief.contains("Protocol version: \(version)"), "\(brief)")
      #expect(brief.contains("AES_128_GCM") || brief.contains("AES128-GCM-SHA256"), "\(brief)")
    }
    let old = try Self.openssl(server, "-tls1_1 -cipher ALL:@SECLEVEL=0", say: "PING\\r\\n")
    #expect(!old.contains("+PONG"))
    #expect(try server.failedHandshakes("no_common_version") == 1)
  }

  /// A client may ask for records that are smaller than ours.
  @Test(arguments: IODriver.available, ["-tls1_2", "-tls1_3"])
  func recordsAreAsSmallAsAsked(driver: IODriver, version: String) throws {
    let server = try RunningServer.secure(driver)
    let value = (0..<20_000).map { "number \($0)." }.joined()
    #expect(try server.resp().ask("SET", "key", value) == "+OK\r\n")
    for bytes in [512, 4096] {
      let text = try Self.openssl(
        server, "\(version) -quiet -maxfraglen \(bytes)", say: "GET key\\r\\nECHO behind\\r\\nQUIT\\r\\n")
      #expect(text.contains("$\(value.utf8.count)\r\n\(value)\r\n$6\r\nbehind\r\n"), "\(text.count) characters")
    }
  }

  @Test func comingAgainTakesUpWhereItWas() throws {
    let server = try RunningServer.secure(.epoll)
    let session = FileManager.default.temporaryDirectory.appending(path: "lmcache-e2e-session-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: session) }
    _ = try Self.openssl(server, "-sess_out \(session.path())", say: "PING\\r\\n")
    let text = try Self.openssl(server, "-sess_in \(session.path())", say: "PING\\r\\nQUIT\\r\\n")
    #expect(text.contains("Reused, TLSv1.3"), "\(text)")
    #expect(try server.metric("lmcache_server_tls_handshakes_total{kind=\"resumed\"}") == 1)
  }

  @Test func clientsShowWhoTheyAre() throws {
    let shared = Certificates.shared
    let server = try RunningServer.secure(
      .epoll, ["--tls-ca", shared.path("ca.crt"), "--tls-client-auth", "required", "--log-level", "debug"])
    let proof = "-cert \(shared.path("client.crt")) -key \(shared.path("client.key"))"
    #expect(try Self.openssl(server, "-quiet \(proof)", say: "PING\\r\\nQUIT\\r\\n").contains("+PONG"))
    #expect(server.log.contains("CN=engine,O=lmcache-server"))
    #expect(try !Self.openssl(server, "-quiet", say: "PING\\r\\nQUIT\\r\\n").contains("+PONG"))
    let others = "-cert \(Certificates.others.path("client.crt")) -key \(Certificates.others.path("client.key"))"
    #expect(try !Self.openssl(server, "-quiet \(others)", say: "PING\\r\\nQUIT\\r\\n").contains("+PONG"))
    try eventually("both are named") {
      try server.failedHandshakes("no_certificate") == 1 && server.failedHandshakes("untrusted") == 1
    }
  }

  @Test(arguments: IODriver.available)
  func curl(driver: IODriver) throws {
    let server = try RunningServer.secure(driver)
    let certified = "curl -sS --cacert \(Certificates.shared.path("ca.crt"))"
    let url = "https://localhost:\(try server.tlsPort())"
    let page = try Self.run("\(certified) -w ' %{http_code}' \(url)/readyz \(url)/metrics")
    #expect(page.end == .exited(0), "\(page.text)")
    #expect(page.text.hasSuffix(" 200") && page.text.contains("lmcache_server_tls_handshakes_total"))
    let careful = try Self.run("curl -sS \(url)/readyz")
    #expect(careful.end == .exited(60), "not certified by anybody it knows: \(careful.text)")
  }

  @Test func redisTools() throws {
    let server = try RunningServer.secure(.epoll)
    let tls = "--tls --cacert \(Certificates.shared.path("ca.crt")) -h localhost -p \(try server.tlsPort())"
    let text = try Self.run("redis-cli \(tls) SET key value; redis-cli \(tls) GET key").text
    #expect(text == "OK\nvalue\n")
    let bench = try Self.run("redis-benchmark \(tls) -n 2000 -c 20 -P 4 -d 3000 -t set,get -q")
    #expect(bench.end == .exited(0), "\(bench.text)")
    #expect(try server.metric("lmcache_server_tls_handshakes_total{kind=\"full\"}") > 20)
  }
}

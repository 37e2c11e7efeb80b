import Foundation
import TLS
import Testing
import Wire

/// Handshakes that fail, each named; files that are no good, or change.
@Suite struct HandshakeTests {
  @Test(arguments: IODriver.available)
  func plainClientsAreToldWhereTheyAre(driver: IODriver) throws {
    let server = try RunningServer.secure(driver)
    let resp = RESPPeer(peer: try Peer(port: server.tlsPort()))
    #expect(try resp.ask("PING").hasPrefix("-ERR this port speaks TLS"))
    let web = WebPeer(peer: try Peer(port: server.tlsPort()))
    let answer = try web.get("/health")
    #expect(answer.status == 400 && answer.body.contains("https://"))
    let lm = LMPeer(peer: try Peer(port: server.tlsPort()), generation: .nineInts)
    try lm.peer.send(lm.request(.health, "probe"))
    #expect(try lm.peer.isClosedSilently())
    try eventually("they are named") { try server.refusals("plain_on_tls_port") == 3 }
    #expect(try server.failedHandshakes("plain_client") == 3)
    // And the other way round.
    let veil = try Veil(Certificates.shared.trust())
    #expect(throws: HarnessFailure.self) { try server.connect().secure(by: veil) }
    try eventually("it is named") { try server.refusals("tls_on_plain_port") == 1 }
  }

  @Test func theDoorMayHaveAnAddressOfItsOwn() throws {
    let server = try RunningServer(.epoll, ["--tls-port", "127.0.0.2:0"] + Certificates.shared.flags)
    let port = try server.tlsPort()
    #expect(server.log.contains("tls listening host=127.0.0.2"))
    #expect(throws: HarnessFailure.self) { try Peer(port: port) }
    let there = try Child(
      "/usr/bin/curl",
      [
        "-sS", "--cacert", Certificates.shared.path("ca.crt"), "--resolve", "localhost:\(port):127.0.0.2",
        "https://localhost:\(port)/readyz",
      ])
    #expect(try there.wait() == .exited(0), "\(there.standardError)")
  }

  @Test func whatFailsIsNamed() throws {
    let server = try RunningServer.secure(.epoll)
    // The client does not believe the server, and says so.
    #expect(throws: HarnessFailure.self) { try server.secured(.others) }
    try eventually("it is named") { try server.failedHandshakes("refused_by_peer") == 1 }
    let garbage = try Peer(port: server.tlsPort())
    try garbage.send([0x16, 9, 9, 0, 5, 1, 0, 0, 1, 5])
    _ = try garbage.receiveToEnd()
    try eventually("it is named") { try server.failedHandshakes("not_tls") == 1 }
    let going = try Peer(port: server.tlsPort())
    try going.send([0x16, 3, 1])
    try eventually("it is under way") { try server.metric("lmcache_server_tls_handshakes_in_flight") == 1 }
    going.reset()
    try eventually("it is named") { try server.failedHandshakes("peer_gone") == 1 }
    // A probe that connects and goes is no failure.
    try Peer(port: server.tlsPort()).close()
    #expect(try server.refusals("tls_handshake") == 3)
    #expect(server.log.contains("tls_handshake: not_tls"))
    #expect(try server.metric("lmcache_server_tls_handshakes_in_flight") == 0)
  }

  @Test func whatIsWrongAtTheStartIsOneLine() throws {
    let own = try Certificates()
    func complaint(_ flags: [String]) throws -> String {
      let child = try Child(RunningServer.program, ["--port", "0", "--memory", "64MiB", "--tls-port", "0"] + flags)
      #expect(try child.wait() == .exited(2))
      return child.standardError
    }
    let key = ["--tls-key", own.path("server.key")]
    let missing = try complaint(["--tls-cert", "/no/file"] + key)
    #expect(missing == "lmcache-server: --tls-cert '/no/file' cannot be read: No such file or directory\n")
    let foreign = try complaint(["--tls-cert", Certificates.shared.path("server.crt")] + key)
    #expect(foreign.contains("is not the key of the first certificate in"))
    #expect(foreign.split(separator: "\n").count == 1)
    try own.make(["--days", "-1"])
    let expired = try RunningServer(.epoll, ["--tls-port", "0"] + own.flags)
    #expect(expired.log.contains("the certificate has expired"))
  }

  /// A renewed certificate is seen by those who come after it; nobody who is there is cut off.
  @Test(arguments: IODriver.available)
  func certificatesThatAreRenewed(driver: IODriver) throws {
    let (first, second) = (try Certificates(), try Certificates())
    let mount = FileManager.default.temporaryDirectory.appending(path: "lmcache-e2e-mount-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: mount) }
    try FileManager.default.createSymbolicLink(at: mount, withDestinationURL: first.folder)
    let flags = ["--tls-cert", mount.path() + "/server.crt", "--tls-key", mount.path() + "/server.key"]
    let server = try RunningServer(driver, ["--tls-port", "0"] + flags)
    let old = RESPPeer(peer: try server.secured(first))
    #expect(try old.ask("SET", "key", "value") == "+OK\r\n")
    let expiry = try server.metric("lmcache_server_tls_certificate_expiry_timestamp_seconds")
    #expect(expiry > Date.now.timeIntervalSince1970)
    // No good: what was there stays.
    try FileManager.default.removeItem(at: mount)
    server.child.signal(SIGHUP)
    try eventually("it is told") { server.log.contains("the certificate stays as it was") }
    #expect(try server.metric("lmcache_server_tls_reloads_total{outcome=\"failed\"}") >= 1)
    #expect(try RESPPeer(peer: server.secured(first)).ask("GET", "key") == "$5\r\nvalue\r\n")
    // Without a signal: it is looked for.
    try FileManager.default.createSymbolicLink(at: mount, withDestinationURL: second.folder)
    try eventually("it is read") { try server.metric("lmcache_server_tls_reloads_total{outcome=\"done\"}") == 1 }
    #expect(try RESPPeer(peer: server.secured(second)).ask("GET", "key") == "$5\r\nvalue\r\n")
    #expect(throws: HarnessFailure.self) { try server.secured(first) }
    #expect(try old.ask("GET", "key") == "$5\r\nvalue\r\n")
  }
}

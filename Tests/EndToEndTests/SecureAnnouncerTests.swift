import Foundation
import Testing

/// Chunks announced in a real Redis that speaks TLS.
@Suite struct SecureAnnouncerTests {
  /// A Redis with a door of each kind.
  private final class SecureRedis {
    let redis: RealRedis
    let tlsPort: UInt16

    /// - Parameter asks: whether it asks clients for a certificate.
    init(asks: Bool = false) throws {
      tlsPort = try LoopbackListener().port
      let shared = Certificates.shared
      redis = try RealRedis([
        "--requirepass", RedisServer.password, "--tls-port", "\(tlsPort)", "--tls-cert-file", shared.path("server.crt"),
        "--tls-key-file", shared.path("server.key"), "--tls-ca-cert-file", shared.path("ca.crt"), "--tls-auth-clients",
        asks ? "yes" : "no",
      ])
    }

    func count() throws -> String {
      let peer = try RESPPeer(port: redis.port)
      _ = try peer.ask("AUTH", RedisServer.password)
      _ = try peer.ask("SELECT", "2")
      return try peer.ask("DBSIZE")
    }
  }

  private static func start(_ redis: SecureRedis, host: String = "localhost", port: UInt16? = nil, _ flags: [String])
    throws -> RunningServer
  {
    let url = "rediss://default:pass%20word@\(host):\(port ?? redis.tlsPort)/2"
    return try RunningServer(
      .epoll, ["--peer", "127.0.0.1:0", "--lease", "0", "--lookup-url", url] + flags, memory: "16MiB")
  }

  private static let trust = ["--lookup-ca", Certificates.shared.path("ca.crt")]

  @Test(arguments: [trust, ["--lookup-insecure-skip-verify"]])
  func announced(flags: [String]) throws {
    let redis = try SecureRedis()
    let server = try Self.start(redis, flags)
    let lm = try server.lm()
    for number in 0..<10 { try lm.putAndSee("key@\(number)", Payload.bytes(10_000, seed: 1)) }
    try eventually("they are announced") { try redis.count() == ":10\r\n" }
    #expect(try server.metric("lmcache_server_announce_failures_total") == 0)
    #expect(server.log.contains("believed whoever it is") == (flags != Self.trust))
    #expect(try server.stop() == .exited(0))
    #expect(try redis.count() == ":0\r\n")
  }

  @Test func whoIsNotBelievedIsToldNothing() throws {
    let redis = try SecureRedis()
    func refusal(_ server: RunningServer) throws -> String {
      try eventually("it fails") { server.log.contains("announcing chunks fails") }
      #expect(try server.metric("lmcache_server_announce_connected") == 0)
      #expect(!server.log.contains("pass"), "no password in the log")
      return server.log
    }
    let others = try Self.start(redis, ["--lookup-ca", Certificates.others.path("ca.crt")])
    #expect(try refusal(others).contains("tls_untrusted"))
    #expect(try refusal(Self.start(redis, [])).contains("tls_untrusted"), "the system knows no such authority")
    let elsewhere = try Self.start(redis, host: "127.0.0.2", Self.trust)
    #expect(try refusal(elsewhere).contains("announcing"))
    let plain = try Self.start(redis, port: redis.redis.port, Self.trust)
    #expect(try refusal(plain).contains("announcing"), "a Redis that speaks no TLS just waits")
  }

  /// A Redis that asks who comes, and a certificate that is renewed.
  @Test func whoIsAskedProvesWhoItIs() throws {
    let redis = try SecureRedis(asks: true)
    let own = try Certificates()
    let proof = ["--lookup-cert", own.path("client.crt"), "--lookup-key", own.path("client.key")]
    let silent = try Self.start(redis, Self.trust)
    try eventually("it fails") { silent.log.contains("announcing chunks fails") }
    // One of another authority does not do; a new one is used without a restart.
    let server = try Self.start(redis, Self.trust + proof)
    try eventually("it fails") { server.log.contains("announcing chunks fails") }
    try server.lm().putAndSee("key@1", Payload.bytes(10_000, seed: 1))
    #expect(try redis.count() == ":0\r\n")
    for name in ["client.crt", "client.key"] {
      let file = URL(filePath: own.path(name))
      try Data(contentsOf: URL(filePath: Certificates.shared.path(name))).write(to: file, options: .atomic)
    }
    server.child.signal(SIGHUP)
    try eventually("it is read") { server.log.contains("certificate and key were read again") }
    try eventually("it is announced") { try redis.count() == ":1\r\n" }
    let wrong = try Child(
      RunningServer.program,
      ["--port", "0", "--memory", "64MiB", "--peer", "127.0.0.1:0", "--lookup-url", "rediss://localhost"]
        + ["--lookup-cert", "/no/file"]
        + ["--lookup-key", "/no/file"])
    #expect(try wrong.wait() == .exited(2))
    #expect(wrong.standardError.contains("--lookup-cert '/no/file' cannot be read: No such file or directory"))
  }
}

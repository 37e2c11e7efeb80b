import Base
import Foundation
import Testing
import Wire

/// Chunks announced in a real Redis.
@Suite struct AnnouncerTests {
  private static func start(_ redis: RedisServer) throws -> RunningServer {
    try RunningServer(
      .epoll,
      [
        "--peer", "127.0.0.1:0", "--lease", "0", "--lookup-url", "redis://:pass%20word@localhost:\(redis.port)/2",
      ], memory: "16MiB")
  }

  private static let body = Payload.bytes(131_072, seed: 5)

  private static func fill(_ lm: LMPeer, _ name: String, _ count: Int) throws {
    for number in 0..<count { try lm.put("\(name)@\(number)", body, meta: EnginePeerTests.meta) }
    #expect(try lm.exists("\(name)@\(count - 1)"))
  }

  /// The entries are the stored chunks.
  private static func expectSame(_ redis: RedisServer, _ lm: LMPeer, _ keys: [String], _ address: String) throws {
    try eventually("the registry says what is here") {
      let held = try keys.filter { try lm.exists($0) }
      return try redis.count() == held.count && held.allSatisfy { try redis.value($0) == address }
    }
  }

  @Test func announcedAndWithdrawn() throws {
    let redis = try RedisServer()
    let server = try Self.start(redis)
    let address = "127.0.0.1:\(try server.peerPort())"
    let lm = try server.lm()
    try Self.fill(lm, "a", 10)
    let first = (0..<10).map { "a@\($0)" }
    try Self.expectSame(redis, lm, first, address)
    // Far more than fit: most are evicted again.
    try Self.fill(lm, "b", 300)
    let all = first + (0..<300).map { "b@\($0)" }
    try Self.expectSame(redis, lm, all, address)
    #expect(try redis.count() < 200)
    // Everything is announced again to a Redis that has lost it.
    try redis.stop()
    try Self.fill(lm, "c", 20)
    try redis.start()
    try Self.expectSame(redis, lm, all + (0..<20).map { "c@\($0)" }, address)
    #expect(try server.metrics().value(of: "lmcache_server_announce_failures_total") ?? 0 >= 1)
    #expect(try server.metric("lmcache_server_announce_connected") == 1)
    #expect(try server.stop() == .exited(0))
    #expect(try redis.count() == 0, "nobody answers there any more")
  }

  @Test func anEnginesOwnEntryIsLeftAlone() throws {
    let redis = try RedisServer()
    let server = try Self.start(redis)
    let lm = try server.lm()
    try Self.fill(lm, "a", 5)
    try eventually("it is announced") { try redis.count() == 5 }
    #expect(try redis.client().expect(RESPWords.command("SET", "a@0", "10.0.0.1:8200"), "+OK\r\n"))
    try Self.fill(lm, "b", 300)
    try eventually("a@1 is withdrawn") { try redis.value("a@1") == nil }
    #expect(try redis.value("a@0") == "10.0.0.1:8200")
  }

  @Test func aMissAtThePeerIsWithdrawn() throws {
    let redis = try RedisServer()
    let server = try Self.start(redis)
    let port = try server.peerPort()
    try eventually("it is connected") { try server.metric("lmcache_server_announce_connected") == 1 }
    #expect(try redis.client().expect(RESPWords.command("SET", "stale", "127.0.0.1:\(port)"), "+OK\r\n"))
    let engine = LMPeer(peer: try Peer(port: port), generation: .nineInts)
    #expect(try engine.get("stale") == nil)
    try eventually("it is withdrawn") { try redis.value("stale") == nil }
  }
}

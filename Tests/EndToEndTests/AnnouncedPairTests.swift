import Base
import Foundation
import Testing
import Wire

/// A pair of metadata and bytes from a `redis://` client is a chunk to engines, and announced like any other.
@Suite struct AnnouncedPairTests {
  fileprivate static let body = Payload.bytes(131_072, seed: 5)
  /// Length, format, type, shape: what an engine writes beside its bytes.
  fileprivate static let metadata: [UInt8] = [131_072, 1, 3, 2, 1, 256, 128].flatMap { (number: Int32) in
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  private struct Scene {
    let redis: RedisServer
    let server: RunningServer
    let client: RESPPeer
    let address: String

    init() throws {
      redis = try RedisServer()
      server = try RunningServer(
        .epoll,
        ["--peer", "127.0.0.1:0", "--lease", "0", "--lookup-url", "redis://:pass%20word@localhost:\(redis.port)/2"],
        memory: "16MiB")
      address = "127.0.0.1:\(try server.peerPort())"
      client = try server.resp(3)
    }

    func set(_ name: String, _ value: [UInt8], _ options: String...) throws {
      let words = [Array("SET".utf8), Array(name.utf8), value] + options.map { Array($0.utf8) }
      #expect(try client.ask(words) == "+OK\r\n")
    }

    func pair(_ key: String, _ options: String...) throws {
      try set(key + "kv_bytes", AnnouncedPairTests.body)
      let words =
        [Array("SET".utf8), Array((key + "metadata").utf8), AnnouncedPairTests.metadata]
        + options.map { Array($0.utf8) }
      #expect(try client.ask(words) == "+OK\r\n")
    }

    func expect(_ what: String, _ keys: String...) throws {
      try eventually(what) { try redis.count() == keys.count && keys.allSatisfy { try redis.value($0) == address } }
    }
  }

  @Test func announcedWhenBothHalvesAreHereAndWithdrawnWhenOneGoes() throws {
    let scene = try Scene()
    try scene.pair("marker")
    try scene.expect("a pair is announced", "marker")
    // Halves and plain values were stored before the pairs: if they were announced, it would have been before these.
    try scene.set("halfkv_bytes", Self.body)
    try scene.set("othermetadata", Self.metadata)
    try scene.set("plain", Self.body)
    try scene.pair("a")
    try scene.pair("b")
    try scene.pair("c")
    try scene.expect("pairs are announced, and nothing that is none", "marker", "a", "b", "c")
    #expect(try scene.client.ask("DEL", "akv_bytes") == ":1\r\n")
    try scene.expect("a deleted pair is withdrawn", "marker", "b", "c")
    try scene.set("b", Self.body)
    try scene.expect("a plain value is no chunk of engines", "marker", "c")
    // Bytes of another length have no metadata until it is written again.
    try scene.set("ckv_bytes", Array(Self.body.dropLast()))
    try scene.expect("a pair that is none any more is withdrawn", "marker")
    try scene.set("halfmetadata", Self.metadata)
    try scene.expect("a half that is joined is announced", "marker", "half")
  }

  @Test func anExpiredPairIsWithdrawnThoughNobodyAsks() throws {
    let scene = try Scene()
    try scene.pair("kept")
    try scene.pair("short", "PX", "1500")
    try scene.expect("both are announced", "kept", "short")
    try scene.expect("the expired one is withdrawn", "kept")
  }

  @Test func evictedPairsAreWithdrawn() throws {
    let scene = try Scene()
    for number in 0..<300 { try scene.pair("key \(number)") }
    try eventually("the registry says what is here") {
      let held = try (0..<300).filter { try scene.client.ask("STRLEN", "key \($0)kv_bytes") != ":0\r\n" }
      return try held.count < 200 && scene.redis.count() == held.count
        && held.allSatisfy { try scene.redis.value("key \($0)") == scene.address }
    }
    #expect(try scene.server.stop() == .exited(0))
    #expect(try scene.redis.count() == 0)
  }
}

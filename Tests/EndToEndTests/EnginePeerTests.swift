import Base
import Foundation
import Testing
import Wire

/// The server in the role of an engine up to 0.3.6: engines fetch chunks from each other and move chunks to each other.
@Suite struct EnginePeerTests {
  static let flags = ["--peer", "127.0.0.1:0", "--lookup", "127.0.0.1:0", "--peer-check", "off"]
  /// 131,072 bytes: 2 x 1 x 256 x 128 of two bytes each.
  static let meta = ObjectMeta(format: 1, type: 3, shape: (2, 1, 256, 128))
  static let body = Payload.bytes(131_072, seed: 5)

  private func peer(_ server: RunningServer) throws -> LMPeer {
    LMPeer(peer: try Peer(port: server.peerPort()), generation: .nineInts)
  }

  /// The 36 bytes by which a requester says whether it has memory, sent at any time.
  private func notice(_ code: LMReplyHeader.Code) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 36) { buffer, count in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      var output = OutputRawSpan(buffer: raw, initializedCount: 0)
      LMCodec.encodeReply(
        LMReplyHeader(code: code, length: 131_072, meta: Self.meta), generation: .nineInts, into: &output)
      count = output.finalize(for: raw)
    }
  }

  @Test(arguments: IODriver.available)
  func aGetWithItsNotice(driver: IODriver) throws {
    let server = try RunningServer(driver, Self.flags)
    let lm = try server.lm()
    try lm.put("chunk", Self.body, meta: Self.meta)
    #expect(try lm.exists("chunk"))
    let engine = try peer(server)
    try engine.peer.send(engine.request(.get, "chunk") + notice(.success))
    let value = try #require(try engine.value())
    #expect(value.meta == Self.meta)
    #expect(Payload.isSame(value.bytes, Self.body))
    // Another request behind it, which LMCache's requester never sends; and a notice cut short by the end of the
    // connection.
    #expect(try engine.get("absent") == nil)
    try engine.peer.send(Array(notice(.fail).prefix(7)))
    engine.peer.finishSending()
    #expect(try engine.peer.receiveToEnd().isEmpty)
    #expect(try server.metric("lmcache_server_refusals_total{reason=\"request_cut_short\"}") == 0)
    #expect(try server.metric("lmcache_server_refusals_total{reason=\"unknown_command\"}") == 0)
  }

  @Test func aRequesterWithoutMemoryGoesAwayInTheMiddle() throws {
    let server = try RunningServer(.epoll, Self.flags)
    let lm = try server.lm()
    try lm.put("chunk", Self.body, meta: Self.meta)
    #expect(try lm.exists("chunk"))
    for _ in 0..<20 {
      let engine = try peer(server)
      try engine.peer.send(engine.request(.get, "chunk"))
      _ = try engine.peer.receive(36)
      try engine.peer.send(notice(.fail))
      engine.peer.reset()
    }
    #expect(try lm.holds("chunk", Self.body))
    #expect(server.isRunning)
  }

  @Test func aMoveIsAnsweredBeforeItsBody() throws {
    let server = try RunningServer(.epoll, Self.flags)
    let engine = try peer(server)
    // `length` is the chunk's size in the sender's memory: a page more than the chunk.
    let odd = ObjectMeta(format: 1, type: 3, shape: (2, 1, 250, 127), location: 1)
    let oddBytes = Payload.bytes(2 * 250 * 127 * 2, seed: 6)
    for (key, meta, bytes) in [("even", Self.meta, Self.body), ("odd", odd, oddBytes)] {
      let physical = (bytes.count + 4095) / 4096 * 4096
      try engine.peer.send(engine.request(.put, key, length: physical, meta: meta))
      #expect(try engine.reply().code == .success)
      try engine.peer.send(bytes)
      #expect(try engine.exists(key), "the next request is understood")
    }
    let lm = try server.lm()
    #expect(try lm.holds("even", Self.body))
    #expect(try lm.holds("odd", oddBytes))
    #expect(try lm.get("odd")?.meta?.location == 0)
  }

  @Test func aMoveWhoseSizeNobodyKnowsIsRefused() throws {
    let server = try RunningServer(.epoll, Self.flags)
    let engine = try peer(server)
    let binary = ObjectMeta(format: 5, type: 0, shape: (5000, 0, 0, 0))
    for (length, meta) in [(8192, binary), (4096, Self.meta), (131_072 + 4096, Self.meta)] {
      try engine.peer.send(engine.request(.put, "chunk", length: length, meta: meta))
      #expect(try engine.reply().code == .fail)
    }
    #expect(try !engine.exists("chunk"))
    #expect(try server.metric("lmcache_server_refusals_total{reason=\"unknown_body_size\"}") == 3)
    // A chunk that is too large for this server is refused before it is sent.
    let huge = ObjectMeta(format: 1, type: 3, shape: (2, 64, 4096, 1024))
    try engine.peer.send(engine.request(.put, "huge", length: 1 << 30, meta: huge))
    #expect(try engine.reply().code == .fail)
  }

  /// The lookup answers from the registry, else from this server's chunks, and keeps the promise.
  @Test func theRegistryNamesThisServer() throws {
    let server = try RunningServer(.epoll, Self.flags + ["--lease", "3600"], memory: "16MiB")
    let lm = try server.lm()
    let client = try server.lookup()
    let own = "127.0.0.1:\(try server.peerPort())"
    try lm.put("chunk", Self.body, meta: Self.meta)
    #expect(try lm.exists("chunk"))
    let reply = String(decoding: RESPWords.bulk(own), as: UTF8.self)
    #expect(try client.expect(RESPWords.command("GET", "chunk"), reply))
    #expect(try client.expect(RESPWords.command("MGET", "chunk", "none"), "*2\r\n\(reply)$-1\r\n"))
    #expect(try client.expect(RESPWords.command("EXISTS", "chunk", "none"), ":1\r\n"))
    #expect(try client.expect(RESPWords.command("SET", "chunk", "10.0.0.1:8200"), "+OK\r\n"))
    #expect(
      try client.expect(RESPWords.command("GET", "chunk"), "$13\r\n10.0.0.1:8200\r\n"), "a live engine comes first")
    #expect(try client.expect(RESPWords.command("DEL", "chunk"), ":1\r\n"))
    #expect(try client.expect(RESPWords.command("GET", "chunk"), reply))
    // Leased: the next chunks must not evict it.
    for number in 0..<200 { try lm.put("more \(number)", Self.body, meta: Self.meta) }
    #expect(try lm.exists("more 199"))
    #expect(Payload.isSame(try #require(try peer(server).get("chunk")).bytes, Self.body))
    #expect(try server.metric("lmcache_server_registry_lookups_total{outcome=\"peer\"}") == 4)
  }

  @Test func otherGenerationsAndProtocols() throws {
    let server = try RunningServer(.epoll, Self.flags)
    let lm = try server.lm()
    try lm.put("chunk", Self.body, meta: Self.meta)
    #expect(try lm.exists("chunk"))
    // 0.3.1 and 0.3.2 only GET here.
    let old = LMPeer(peer: try Peer(port: server.peerPort()), generation: .eightInts)
    #expect(Payload.isSame(try #require(try old.get("chunk")).bytes, Self.body))
    try old.peer.send(old.request(.put, "chunk", length: 4, meta: Self.meta))
    #expect(try old.peer.isClosedSilently())
    for bytes in [RESPWords.command("PING"), LMPeer.request(.get, "chunk", generation: .v0)] {
      let stranger = try Peer(port: server.peerPort())
      try stranger.send(bytes)
      #expect(try stranger.isClosedSilently())
    }
  }
}

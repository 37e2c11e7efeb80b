import Foundation
import TLS
import Testing
import Wire

/// All that the plain port speaks, by TLS.
@Suite struct TLSTests {
  @Test(arguments: IODriver.available)
  func everyProtocolIsSpoken(driver: IODriver) throws {
    let server = try RunningServer.secure(driver)
    let lm = LMPeer(peer: try server.secured(), generation: .nineInts)
    let resp = RESPPeer(peer: try server.secured())
    for size in [1, 5_000, 16_384, 65_536, 1 << 20, (4 << 20) + 77] {
      let value = Payload.bytes(size, seed: UInt64(size))
      try lm.putAndSee("lm \(size)", value)
      #expect(try lm.holds("lm \(size)", value), "\(size)")
      let key = Array("resp \(size)".utf8)
      #expect(try resp.ask([Array("SET".utf8), key, value]) == "+OK\r\n")
      try resp.send("GET", "resp \(size)")
      #expect(Payload.isSame(try resp.bulk(), value), "\(size)")
      // What came by TLS is there for others, and the other way round.
      let plain = try server.lm()
      #expect(try plain.holds("lm \(size)", value))
      try plain.putAndSee("plain \(size)", value)
      #expect(try lm.holds("plain \(size)", value))
    }
    let web = WebPeer(peer: try server.secured())
    #expect(try web.get("/readyz").status == 200)
    #expect(try web.get("/metrics").body.contains("lmcache_server_tls_handshakes_total{kind=\"full\"} 3"))
    #expect(try server.metric("lmcache_server_connections{protocol=\"lm\"}") >= 1)
    #expect(try server.stop() == .exited(0))
  }

  /// Many requests in one send, their answers in few records, values between them.
  @Test(arguments: IODriver.available)
  func pipelinesOfEverySize(driver: IODriver) throws {
    let server = try RunningServer.secure(driver, memory: "256MiB")
    let resp = RESPPeer(peer: try server.secured())
    let values = (0..<40).map { Payload.bytes([3, 700, 9_000, 70_000, 300_000][$0 % 5], seed: UInt64($0)) }
    var sets: [UInt8] = []
    var gets: [UInt8] = []
    for (number, value) in values.enumerated() {
      sets += RESPPeer.request([Array("SET".utf8), Array("key \(number)".utf8), value])
      gets += RESPPeer.request("GET", "key \(number)") + RESPPeer.request("EXISTS", "key \(number)")
    }
    try resp.peer.send(sets)
    for _ in values { #expect(String(decoding: try resp.reply(), as: UTF8.self) == "+OK\r\n") }
    for _ in 0..<3 {
      try resp.peer.send(gets)
      for value in values {
        #expect(Payload.isSame(try resp.bulk(), value))
        #expect(String(decoding: try resp.reply(), as: UTF8.self) == ":1\r\n")
      }
    }
  }

  /// A client that reads little at a time, and pauses: the kernel is full, and what was encrypted has to wait.
  @Test(arguments: IODriver.available)
  func aReaderThatIsSlow(driver: IODriver) throws {
    let server = try RunningServer.secure(driver)
    let resp = RESPPeer(peer: try server.secured(receiveBufferBytes: 4096))
    let value = Payload.bytes(6 << 20, seed: 9)
    #expect(try resp.ask([Array("SET".utf8), Array("key".utf8), value]) == "+OK\r\n")
    // The first reply fills the kernel's buffers; the server's tick of a second passes several times meanwhile.
    try resp.peer.send((0..<3).flatMap { _ in RESPPeer.request("GET", "key") + RESPPeer.request("PING") })
    usleep(2_500_000)
    for _ in 0..<3 {
      #expect(Payload.isSame(try resp.bulk(), value))
      #expect(String(decoding: try resp.reply(), as: UTF8.self) == "+PONG\r\n")
    }
  }

  /// The smallest pieces that a network can make of a connection.
  @Test(arguments: IODriver.available)
  func everythingInPieces(driver: IODriver) throws {
    let server = try RunningServer.secure(driver)
    let resp = RESPPeer(peer: try server.secured(pieceBytes: 1))
    let value = Payload.bytes(300, seed: 3)
    #expect(try resp.ask([Array("SET".utf8), Array("key".utf8), value]) == "+OK\r\n")
    try resp.send("GET", "key")
    #expect(Payload.isSame(try resp.bulk(), value))
  }

  @Test(arguments: IODriver.available)
  func endsOfEitherSide(driver: IODriver) throws {
    let server = try RunningServer.secure(driver)
    // The server's own: its last answer, its end, and nothing behind it.
    let resp = RESPPeer(peer: try server.secured())
    #expect(try resp.ask("QUIT") == "+OK\r\n")
    #expect(try resp.rest().isEmpty)
    let web = WebPeer(peer: try server.secured())
    #expect(try web.get("/livez", fields: ["Connection: close"]).status == 200)
    #expect(try web.peer.receiveToEnd().isEmpty)
    // A client's, in the middle of a body: what was announced is not there.
    for isAbrupt in [true, false] {
      let veil = try Veil(Certificates.shared.trust())
      let peer = try Peer(port: server.tlsPort())
      try peer.secure(by: veil)
      let lm = LMPeer(peer: peer, generation: .nineInts)
      // A client is done with its handshake before the server is.
      #expect(try lm.health())
      try peer.send(lm.request(.put, "cut", length: 100_000, meta: LMPeer.meta) + Payload.bytes(50_000, seed: 1))
      if isAbrupt { peer.reset() } else { try veil.end() }
    }
    try eventually("both are given up") {
      try server.refusals("body_cut_short") + server.refusals("peer_gone") == 2
    }
    #expect(try server.metric("lmcache_server_in_flight_bodies") == 0)
    #expect(try !server.lm().exists("cut"))
  }

  /// More clients than a loop has wide buffers go while records are under way. A server that ends has to have them back.
  @Test(arguments: IODriver.available)
  func whoGoesInTheMiddleLeavesNothingBehind(driver: IODriver) throws {
    let server = try RunningServer.secure(driver, ["--loops", "1"], memory: "128MiB")
    try server.lm().putAndSee("large", Payload.bytes(6 << 20, seed: 1))
    var clients: [Peer] = []
    for number in 0..<20 {
      let reader = LMPeer(peer: try server.secured(receiveBufferBytes: 4096), generation: .nineInts)
      try reader.peer.send(reader.request(.get, "large"))
      _ = try reader.peer.receive(100)
      let writer = LMPeer(peer: try server.secured(), generation: .nineInts)
      let request = writer.request(.put, "cut \(number)", length: 100_000, meta: LMPeer.meta)
      try writer.peer.send(request + Payload.bytes(50_000, seed: 1))
      // A record of 16 KiB that never comes to its end.
      try writer.peer.sendPlainly([0x17, 3, 3, 0x40, 0] + Payload.bytes(1000, seed: 2))
      clients += [reader.peer, writer.peer]
    }
    try eventually("all are served") { try server.metric("lmcache_server_in_flight_bodies") == 20 }
    for client in clients { client.reset() }
    try eventually("all are gone") { try server.metric("lmcache_server_connections{protocol=\"lm\"}") == 0 }
    #expect(try server.stop() == .exited(0))
  }

  @Test(arguments: IODriver.available)
  func recordsThatWereChanged(driver: IODriver) throws {
    let server = try RunningServer.secure(driver)
    let peer = try server.secured()
    // Bytes that nobody encrypted, behind the handshake.
    try peer.sendPlainly([0x17, 3, 3, 0, 40] + [UInt8](repeating: 7, count: 40))
    #expect(throws: HarnessFailure.self) { try peer.receive(1) }
    try eventually("it is named") { try server.refusals("tls_broken") == 1 }
    #expect(try server.metric("lmcache_server_tls_broken_records_total") == 1)
  }

  /// Only those come in who are to, and a connection knows who they are.
  @Test func doorsOfTheOlderSharing() throws {
    let server = try RunningServer.secure(
      .epoll, ["--tls-lookup", "127.0.0.1:0", "--tls-peer", "127.0.0.1:0", "--peer-check", "off"])
    func connect(_ words: String) throws -> Peer {
      let peer = try Peer(port: server.port(after: words))
      try peer.secure(by: Veil(Certificates.shared.trust()))
      return peer
    }
    let lookup = try connect("tls lookup registry listening")
    #expect(try lookup.expect(RESPWords.command("SET", "k1", "10.0.0.1:8200"), "+OK\r\n"))
    #expect(try lookup.expect(RESPWords.command("GET", "k1"), "$13\r\n10.0.0.1:8200\r\n"))
    try server.lm().putAndSee("chunk", EnginePeerTests.body)
    let engine = LMPeer(peer: try connect("tls peer listening"), generation: .nineInts)
    #expect(try Payload.isSame(#require(try engine.get("chunk")).bytes, EnginePeerTests.body))
    #expect(try server.metric("lmcache_server_connections{protocol=\"peer\"}") == 1)
  }

  /// There is no room for it; what follows on the connection is understood.
  @Test(arguments: IODriver.available)
  func whatIsDroppedIsDecryptedAllTheSame(driver: IODriver) throws {
    let server = try RunningServer.secure(driver)
    let client = LMPeer(peer: try server.secured(), generation: .nineInts)
    try client.put("large", Payload.bytes(40 << 20, seed: 1))
    #expect(try client.health() && !client.exists("large"))
    try client.putAndSee("small", Payload.bytes(1 << 20, seed: 2))
    #expect(try client.holds("small", Payload.bytes(1 << 20, seed: 2)))
  }
}

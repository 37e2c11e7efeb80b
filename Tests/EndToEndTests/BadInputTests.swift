import Base
import Foundation
import Testing
import Wire

/// Bad input of broken or foreign clients ends their own connection, with its own reason, and affects nothing else.
@Suite
struct BadInputTests {
  struct Garbage: CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let reason: String
    var testDescription: String { name }
  }

  static let firstBytes: [Garbage] = [
    Garbage(name: "letters", bytes: Array("\thello there\r\n".utf8), reason: "unknown_protocol"),
    Garbage(name: "zeros", bytes: Array(repeating: 0, count: 200), reason: "unknown_protocol"),
    Garbage(name: "all ones", bytes: Array(repeating: 0xFF, count: 200), reason: "unknown_protocol"),
    Garbage(name: "command 6", bytes: with(6, at: 0), reason: "unknown_protocol"),
    Garbage(name: "command 261", bytes: with(261, at: 0), reason: "unknown_protocol"),
    Garbage(name: "command -1", bytes: with(-1, at: 0), reason: "unknown_protocol"),
    Garbage(name: "length -1", bytes: with(-1, at: 4), reason: "negative_length"),
    Garbage(name: "the least length", bytes: with(Int32.min, at: 4), reason: "negative_length"),
    Garbage(name: "GET with a length", bytes: with(7, at: 4), reason: "unexpected_length"),
    Garbage(name: "TLS", bytes: [0x16, 0x03, 0x01, 0x02, 0x00, 0x01], reason: "tls_on_plain_port"),
    Garbage(name: "TLS in one byte", bytes: [0x16], reason: "request_cut_short"),
  ]

  /// A valid GET with one integer replaced.
  static func with(_ integer: Int32, at offset: Int) -> [UInt8] {
    var request = LMPeer.request(.get, "key")
    withUnsafeBytes(of: integer.littleEndian) { request.replaceSubrange(offset..<offset + 4, with: $0) }
    return request
  }

  @Test(arguments: IODriver.available)
  func badFirstBytesCloseTheirConnectionAndAreCounted(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let witness = try server.lm()
    try witness.put("kept", [1, 2, 3])
    for garbage in Self.firstBytes {
      let before = try server.refusals(garbage.reason)
      let peer = try server.connect()
      try peer.send(garbage.bytes)
      peer.finishSending()
      #expect(try peer.isClosedSilently(), "\(garbage.name)")
      try eventually("\(garbage.name) is counted as \(garbage.reason)") {
        try server.refusals(garbage.reason) == before + 1
      }
    }
    #expect(server.log.contains("reason=tls_on_plain_port"))
    #expect(try witness.get("kept")?.bytes == [1, 2, 3])
  }

  @Test(arguments: IODriver.available)
  func aBadHeaderBehindGoodOnesEndsTheConnectionAfterTheirReplies(driver: IODriver) throws {
    let server = try RunningServer(driver)
    for (bytes, reason) in [
      (Self.with(99, at: 0), "unknown_command"), (Self.with(-5, at: 4), "negative_length"),
      (Self.with(1, at: 4), "unexpected_length"),
    ] {
      let client = try server.lm()
      #expect(try client.health())
      try client.peer.send(bytes)
      #expect(try client.peer.isClosedSilently())
      try eventually("\(reason) is counted") { try server.refusals(reason) == 1 }
    }
  }

  /// One connection for each place where a header can be cut.
  @Test(arguments: IODriver.available)
  func aHeaderCutAnywhereIsNoHarm(driver: IODriver) throws {
    let server = try RunningServer(driver)
    var cuts = 0.0
    for generation in LMGeneration.allCases {
      let request = LMPeer.request(.put, "cut", length: 10, meta: LMPeer.meta, generation: generation)
      for end in 0..<request.count {
        let peer = try server.connect()
        try peer.send(request[..<end])
        peer.finishSending()
        #expect(try peer.isClosedSilently())
        if end > 0 { cuts += 1 }
      }
    }
    try eventually("every cut is counted") { try server.refusals("request_cut_short") == cuts }
    #expect(try !server.lm().exists("cut"))
  }

  @Test(arguments: IODriver.available)
  func aBodyCutAnywhereLeavesTheOldValue(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let old = Payload.bytes(300_000, seed: 1)
    let new = Payload.bytes(300_000, seed: 2)
    try server.lm().putAndSee("key", old)
    let cuts = [0, 1, 2, 3909, 3910, 3911, 4095, 4096, 65535, 65536, 65537, 262_143, 262_144, 262_145, 299_999]
    for end in cuts {
      let client = try server.lm()
      try client.peer.send(client.request(.put, "key", length: new.count, meta: LMPeer.meta))
      try client.peer.send(new[..<end])
      client.peer.finishSending()
      #expect(try client.peer.isClosedSilently())
      let isKept = try server.lm().holds("key", old)
      #expect(isKept, "cut at \(end)")
    }
    try eventually("every cut is counted") { try server.refusals("body_cut_short") == Double(cuts.count) }
    #expect(try server.drops("connection_lost") == Double(cuts.count))
    #expect(try server.metric("lmcache_server_in_flight_bodies") == 0)
    #expect(try server.metric("lmcache_server_in_flight_bytes") == 0)
  }

  /// A port check that sends the reply header of another protocol version looks like this.
  @Test(arguments: IODriver.available)
  func thirtySixStrayBytesAreNoHarm(driver: IODriver) throws {
    let server = try RunningServer(driver)
    for first: UInt8 in [0, 1, 200] {
      let peer = try server.connect()
      try peer.send([first] + Array(repeating: 0, count: 35))
      peer.finishSending()
      #expect(try peer.isClosedSilently())
    }
    #expect(try server.lm().health())
    #expect(try server.status(of: "/health") == 200)
  }

  @Test(arguments: IODriver.available)
  func drippingBytesAreServed(driver: IODriver) throws {
    let server = try RunningServer(driver)
    for generation in LMGeneration.allCases {
      let client = try server.lm(generation)
      let put = client.request(.put, "drip", length: 5, meta: LMPeer.meta) + [1, 2, 3, 4, 5]
      for byte in put + client.request(.get, "drip") {
        try client.peer.send([byte])
        usleep(1000)
      }
      #expect(try client.value()?.bytes == [1, 2, 3, 4, 5])
    }
    let web = try server.web()
    for byte in "GET /health HTTP/1.1\r\nHost: a\r\n\r\n".utf8 {
      try web.peer.send([byte])
      usleep(1000)
    }
    #expect(try web.answer().status == 200)
  }

  @Test(arguments: IODriver.available)
  func aBodyLargerThanTheBudgetIsReadToItsEndAndDropped(driver: IODriver) throws {
    let server = try RunningServer(driver, memory: "32MiB")
    let client = try server.lm()
    try client.put("large", Payload.bytes(48 << 20, seed: 3))
    #expect(try !client.exists("large"))
    #expect(try client.health())
    #expect(try server.drops("too_large") == 1)
    #expect(try server.metric("lmcache_server_drained_bytes_total") == Double(48 << 20))
    #expect(
      try server.metric("lmcache_server_requests_total{command=\"put\",outcome=\"drained\",protocol=\"lm\"}") == 1)
  }

  /// The largest possible length costs nothing until bytes come.
  @Test(arguments: IODriver.available)
  func aClaimAloneCostsNothing(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let claimant = try server.lm()
    try claimant.peer.send(claimant.request(.put, "claim", length: Limits.valueBytesMax, meta: LMPeer.meta))
    let client = try server.lm()
    try client.put("small", [7])
    #expect(try client.get("small")?.bytes == [7])
    claimant.peer.close()
    try eventually("the claim ends") { try server.refusals("body_cut_short") == 1 }
  }
}

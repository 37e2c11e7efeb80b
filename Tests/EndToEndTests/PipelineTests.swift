import Base
import Foundation
import Testing
import Wire

/// GETs behind one another, whose replies leave together: every byte in its place, whoever reads and however slowly.
@Suite
struct PipelineTests {
  enum Dialect: CaseIterable { case lm, resp }

  struct Case: CustomTestStringConvertible {
    let driver: IODriver
    let dialect: Dialect
    var testDescription: String { "\(driver) \(dialect)" }
    static let all = IODriver.available.flatMap { driver in Dialect.allCases.map { Case(driver: driver, dialect: $0) } }
  }

  private static let sizes = [
    0, 1, 100, 2048, 2049, 4095, 4096, 16_384, 16_385, 32_768, 65_535, 65_536, 65_537, 100_000, 131_072, 262_144,
    1_048_575, 1_048_576, 1_048_577, 3_000_000,
  ]

  @Test(arguments: Case.all)
  func slowReadersGetEveryByteInOrder(_ what: Case) throws {
    let server = try RunningServer(what.driver, ["--loops", "1"], memory: "128MiB")
    let values = Self.sizes.map { Payload.bytes($0, seed: UInt64($0) + 1) }
    let writer = try Speaker(what.dialect, server)
    for (index, value) in values.enumerated() { try writer.store("value \(index)", value) }
    for seed in 0..<4 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      var requests: [UInt8] = []
      var expected: [UInt8] = []
      while expected.count < 6_000_000 {
        let index = random.pick(0...values.count - 1)
        switch random.pick(0...9) {
        case 0:
          requests += writer.get("nothing")
          expected += writer.miss
        case 1:
          requests += writer.exists("value \(index)")
          expected += writer.yes
        default:
          requests += writer.get("value \(index)")
          expected += writer.hit(values[index])
        }
      }
      // As little as the kernel allows, some, and what it likes.
      let buffer: Int32? = [2048, 2048, 40_000, nil][Int(seed)]
      let reader = try Peer(port: server.port, receiveBufferBytes: buffer)
      let sending = Background { [requests] in try reader.send(requests) }
      var received = 0
      while received < expected.count {
        let part = try reader.receiveSome(max: random.pick(1...60_000))
        guard !part.isEmpty else { throw HarnessFailure("the end after \(received) of \(expected.count) bytes") }
        let isSame =
          received + part.count <= expected.count
          && expected[received..<received + part.count].elementsEqual(part)
        guard isSame else { throw HarnessFailure("other bytes within \(part.count) from \(received) on") }
        received += part.count
      }
      try sending.wait()
    }
  }

  /// Values that are replaced and pushed out while they wait to leave are still sent as they were; and when their reader
  /// goes away in the middle, what it held is free for others.
  @Test(arguments: Case.all)
  func aReaderThatGoesAwayLetsGoOfWhatItHeld(_ what: Case) throws {
    let server = try RunningServer(what.driver, ["--loops", "1", "--lease", "0"], memory: "64MiB")
    let writer = try Speaker(what.dialect, server)
    let small = Payload.bytes(65_536, seed: 1)
    let values = (0..<12).map { Payload.bytes(4 << 20, seed: 10 + $0) }
    try writer.store("small", small)
    for (index, value) in values.enumerated() { try writer.store("value \(index)", value) }
    let readers = try values.indices.map { index in
      let peer = try Peer(port: server.port, receiveBufferBytes: 2048)
      try peer.send(writer.get("small") + writer.get("small") + writer.get("value \(index)"))
      #expect(try peer.receive(1) == [writer.hit(small)[0]])
      return peer
    }
    // Everything is on its way, so nothing can make room.
    let large = Payload.bytes(28 << 20, seed: 5)
    #expect(try !writer.stores("large", large), "what is being sent was pushed out")
    for index in values.indices { _ = try writer.stores("value \(index)", [1]) }
    let first = writer.hit(small) + writer.hit(small) + writer.hit(values[0])
    let isOld = Payload.isSame([first[0]] + (try readers[0].receive(first.count - 1)), first)
    #expect(isOld)
    for (index, reader) in readers.enumerated() {
      if index % 3 == 1 { _ = try reader.receive(index * 40_000) }
      if index % 2 == 0 { reader.close() } else { reader.reset() }
    }
    try eventually("what the readers held is free") { try writer.stores("large", large) }
  }
}

/// One side of a conversation, as bytes, in either dialect.
private struct Speaker {
  let dialect: PipelineTests.Dialect
  let lm: LMPeer
  let resp: RESPPeer

  init(_ dialect: PipelineTests.Dialect, _ server: RunningServer) throws {
    self.dialect = dialect
    lm = try server.lm()
    resp = try server.resp()
  }

  func get(_ key: String) -> [UInt8] { dialect == .lm ? lm.request(.get, key) : RESPPeer.request("GET", key) }
  func exists(_ key: String) -> [UInt8] { dialect == .lm ? lm.request(.exist, key) : RESPPeer.request("EXISTS", key) }

  var yes: [UInt8] { dialect == .lm ? header(.empty(found: true)) : Array(":1\r\n".utf8) }
  var miss: [UInt8] { dialect == .lm ? header(.empty(found: false)) : Array("$-1\r\n".utf8) }

  func hit(_ value: [UInt8]) -> [UInt8] {
    guard dialect == .lm else { return Array("$\(value.count)\r\n".utf8) + value + [0x0D, 0x0A] }
    return header(LMReplyHeader(code: .success, length: value.count, meta: LMPeer.meta)) + value
  }

  func store(_ key: String, _ value: [UInt8]) throws {
    guard try stores(key, value) else { throw HarnessFailure("\(key) was not stored") }
  }

  /// Whether there was room for it.
  func stores(_ key: String, _ value: [UInt8]) throws -> Bool {
    switch dialect {
    case .lm:
      try lm.put(key, value)
      return try lm.get(key)?.bytes.count == value.count
    case .resp:
      _ = try resp.ask([Array("SET".utf8), Array(key.utf8), value])
      return try resp.ask("STRLEN", key) == ":\(value.count)\r\n"
    }
  }

  private func header(_ reply: LMReplyHeader) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: lm.generation.replyBytes) { buffer, count in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      var output = OutputRawSpan(buffer: raw, initializedCount: 0)
      LMCodec.encodeReply(reply, generation: lm.generation, into: &output)
      count = output.finalize(for: raw)
    }
  }
}

import Base
import Foundation
import Testing
import Wire

/// GETs behind one another, whose replies leave together: every byte is in its place, even with slow readers.
@Suite
struct PipelineTests {
  private static let sizes = [
    0, 1, 100, 2048, 2049, 4095, 4096, 16_384, 16_385, 32_768, 65_535, 65_536, 65_537, 100_000, 131_072, 262_144,
    1_048_575, 1_048_576, 1_048_577, 3_000_000, 2 << 20, (4 << 20) + 1, 5_000_000,
  ]

  @Test(arguments: Speaker.Case.all)
  func slowReadersGetEveryByteInOrder(_ what: Speaker.Case) throws {
    let server = try RunningServer(what.driver, ["--loops", "1"], memory: "160MiB")
    let values = Self.sizes.map { Payload.bytes($0, seed: UInt64($0) + 1) }
    let writer = try Speaker(what.dialect, server)
    for (index, value) in values.enumerated() { try writer.store("value \(index)", value) }
    for seed in 0..<4 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      var requests: [UInt8] = []
      var expected: [UInt8] = []
      while expected.count < 20_000_000 {
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
      // The kernel's minimum, some, and the kernel's default.
      let buffer: Int32? = [2048, 2048, 40_000, nil][Int(seed)]
      let reader = try Peer(port: server.port, receiveBufferBytes: buffer)
      let sending = Background { [requests] in try reader.send(requests) }
      var received = 0
      while received < expected.count {
        let part = try reader.receiveSome(max: random.pick(1...60_000))
        guard !part.isEmpty else { throw HarnessFailure("the end after \(received) of \(expected.count) bytes") }
        let isSame =
          received + part.count <= expected.count
          && Payload.isSame(Array(expected[received..<received + part.count]), part)
        guard isSame else { throw HarnessFailure("other bytes within \(part.count) from \(received) on") }
        received += part.count
      }
      try sending.wait()
    }
  }

  /// Values that are replaced and evicted while they wait to be sent are sent unchanged; when their reader leaves in
  /// the middle, their memory is free for others.
  @Test(arguments: Speaker.Case.all)
  func aReaderThatGoesAwayLetsGoOfWhatItHeld(_ what: Speaker.Case) throws {
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
    // Everything is being sent, so nothing can be evicted.
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

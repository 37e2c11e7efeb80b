import Base
import Testing
import Wire

@Suite("lm headers")
struct LMDecodeTests {
  /// A request header around the given key field, which is padded by `padding`.
  private func header(
    _ command: Int32, length: Int32 = 0, key: [UInt8] = Array("k".utf8), padding: UInt8 = 0x20,
    generation: LMGeneration = .nineInts
  ) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: generation.keyOffset)
    for (index, value) in [command, length].enumerated() {
      for byte in 0..<4 { bytes[index * 4 + byte] = UInt8(truncatingIfNeeded: value >> (8 * Int32(byte))) }
    }
    return bytes + key + [UInt8](repeating: padding, count: 150 - key.count)
  }

  private func key(of bytes: [UInt8], generation: LMGeneration = .nineInts) throws -> [UInt8] {
    Array(bytes[try LMCodec.decode(bytes.span.bytes, generation: generation).keyRange])
  }

  @Test("commands are 1 to 5", arguments: LMGeneration.allCases)
  func unknownCommand(generation: LMGeneration) {
    for command: Int32 in [0, 6, -1, 256, .min, .max] {
      let bytes = header(command, generation: generation)
      #expect(throws: LMWireError.unknownCommand) { try LMCodec.decode(bytes.span.bytes, generation: generation) }
    }
  }

  @Test("lengths", arguments: LMGeneration.allCases)
  func lengths(generation: LMGeneration) throws {
    for length: Int32 in [0, 1, .max] {
      let bytes = header(1, length: length, generation: generation)
      #expect(try LMCodec.decode(bytes.span.bytes, generation: generation).length == Int(length))
    }
    for command in LMCommand.allCases {
      for length: Int32 in [-1, .min] {
        let bytes = header(command.rawValue, length: length, generation: generation)
        #expect(throws: LMWireError.negativeLength) { try LMCodec.decode(bytes.span.bytes, generation: generation) }
      }
      guard command != .put else { continue }
      let bytes = header(command.rawValue, length: 1, generation: generation)
      #expect(throws: LMWireError.unexpectedLength) { try LMCodec.decode(bytes.span.bytes, generation: generation) }
    }
  }

  @Test("replies of no known kind")
  func replies() {
    let stranger: [UInt8] = [201, 0, 0, 0, 0, 0, 0, 0]
    #expect(throws: LMWireError.unknownCode) { try LMCodec.decodeReply(stranger.span.bytes, generation: .v0) }
    let negative: [UInt8] = [200, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]
    #expect(throws: LMWireError.negativeLength) { try LMCodec.decodeReply(negative.span.bytes, generation: .v0) }
  }

  @Test("a reply without meta says the filler")
  func replyWithoutMeta() {
    let bytes = written(capacity: 36) { output in
      LMCodec.encodeReply(.init(code: .success, length: 5, meta: nil), generation: .nineInts, into: &output)
    }
    #expect(bytes == [200, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2] + [UInt8](repeating: 0, count: 23))
  }

  @Test("a stored location is echoed at the end")
  func location() throws {
    let meta = ObjectMeta(format: 1, type: 3, shape: (2, 3, 4, 5), location: 7)
    let bytes = written(capacity: 36) { output in
      LMCodec.encodeReply(.init(code: .success, length: 0, meta: meta), generation: .nineInts, into: &output)
    }
    #expect(bytes[32] == 7)
    #expect(try LMCodec.decodeReply(bytes.span.bytes, generation: .nineInts).meta == meta)
  }

  @Test("padding is trimmed, what is inside stays", arguments: LMGeneration.allCases)
  func trimming(generation: LMGeneration) throws {
    let cases: [(given: String, key: String)] = [
      ("k", "k"), ("", ""), ("  k", "k"), (" a b ", "a b"), ("k\0\0", "k"), ("k \0 \0", "k"), ("a\0b", "a\0b"),
      ("\0k", "\0k"), ("\tk\n", "\tk\n"), (" \0", ""),
    ]
    for (given, expected) in cases {
      for padding: UInt8 in [0x20, 0] {
        let bytes = header(3, key: Array(given.utf8), padding: padding, generation: generation)
        #expect(try key(of: bytes, generation: generation) == Array(expected.utf8), "\(given.debugDescription)")
      }
    }
  }

  /// The codec works in larger steps than byte by byte; the result must be the same for any bytes.
  @Test("trimming does what its rule says", arguments: LMGeneration.allCases)
  func trimmingByTheRule(generation: LMGeneration) throws {
    var random = SplitMix64(seed: 11)
    let letters: [UInt8] = [0x20, 0x20, 0x20, 0, UInt8(ascii: "a"), UInt8(ascii: "b")]
    for _ in 0..<2000 {
      let kept = Int(random.next() % 151)
      let field = (0..<150).map { $0 < kept ? letters[Int(random.next() % 6)] : 0x20 }
      let bytes = header(3, key: field, generation: generation)
      let request = try LMCodec.decode(bytes.span.bytes, generation: generation)
      var wanted = field[...]
      while let last = wanted.last, last == 0x20 || last == 0 { wanted.removeLast() }
      while wanted.first == 0x20 { wanted.removeFirst() }
      let start = generation.keyOffset + wanted.startIndex
      #expect(request.keyRange.isEmpty ? wanted.isEmpty : request.keyRange == start..<start + wanted.count)
    }
  }

  @Test("a key that fills its field and is not plain ASCII may have been cut")
  func truncation() throws {
    let wide = Array("é".utf8)
    let cases: [(key: [UInt8], mayBeCut: Bool)] = [
      ([UInt8](repeating: 0x61, count: 150), false),
      ([UInt8](repeating: 0x61, count: 149) + [0xC3], true),
      ([UInt8](repeating: 0x61, count: 148) + wide, true),
      (wide + [UInt8](repeating: 0x61, count: 148), true),
      (wide + [UInt8](repeating: 0x61, count: 147), false),
      ([0x20] + wide + [UInt8](repeating: 0x61, count: 147), true),
      ([0x20] + [UInt8](repeating: 0x61, count: 149), false),
      (wide, false), ([], false),
    ]
    for (key, mayBeCut) in cases {
      for generation in LMGeneration.allCases {
        let bytes = header(3, key: key, generation: generation)
        let request = try LMCodec.decode(bytes.span.bytes, generation: generation)
        #expect(request.keyMayBeTruncated == mayBeCut)
        #expect(request.keyIsUsable == (!mayBeCut && !key.isEmpty))
      }
    }
  }

  @Test("no header traps", arguments: LMGeneration.allCases)
  func randomHeaders(generation: LMGeneration) {
    var random = SplitMix64(seed: 5)
    for round in 0..<20_000 {
      var bytes = (0..<generation.requestBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
      if round % 2 == 0 { bytes.replaceSubrange(0..<8, with: [1, 0, 0, 0, 9, 0, 0, 0]) }
      _ = try? LMCodec.decodeReply(bytes.span.bytes, generation: generation)
      guard let request = try? LMCodec.decode(bytes.span.bytes, generation: generation) else { continue }
      #expect(request.length >= 0)
      #expect(request.keyRange.lowerBound >= generation.keyOffset)
      #expect(request.keyRange.upperBound <= generation.requestBytes)
    }
  }

  @Test("what is encoded decodes to the same")
  func roundTrip() throws {
    var random = SplitMix64(seed: 6)
    for _ in 0..<2_000 {
      let generation = LMGeneration.allCases[random.pick(0...2)]
      let command = LMCommand.allCases[random.pick(0...4)]
      let length = command == .put ? random.pick(0...Int(Int32.max)) : 0
      func int() -> Int32 { Int32.random(in: .min ... .max, using: &random) }
      let location = int()
      let meta = ObjectMeta(
        format: int(), type: int(), shape: (int(), int(), int(), int()),
        location: generation == .nineInts ? location : 0)
      let key = (0..<random.pick(0...150)).map { _ in UInt8(random.pick(0x21...0x7E)) }
      let bytes = written(capacity: generation.requestBytes) { output in
        LMCodec.encodeRequest(
          command, length: length, meta: meta, key: key.span.bytes, generation: generation, into: &output)
      }
      let request = try LMCodec.decode(bytes.span.bytes, generation: generation)
      #expect(request.command == command)
      #expect(request.length == length)
      #expect(request.meta == (generation.carriesMeta ? meta : nil))
      #expect(Array(bytes[request.keyRange]) == key)
    }
  }
}

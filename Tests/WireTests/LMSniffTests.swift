import Base
import Testing
import Wire

@Suite("lm sniffing")
struct LMSniffTests {
  @Test("every prefix of every request", arguments: GoldenVector.requests)
  func prefixes(vector: GoldenVector) {
    let bytes = vector.bytes
    let decidedAt = vector.generation == .v0 ? 12 : 36
    for count in 0...bytes.count {
      let sniff = LMGeneration.sniff(bytes.span.bytes.extracting(first: count))
      #expect(sniff == (count < decidedAt ? .needMore : .generation(vector.generation)), "\(count) bytes")
    }
  }

  @Test(
    "other protocols are refused by their first byte",
    arguments: [
      "GET / HTTP/1.1\r\n", "*1\r\n$4\r\nPING\r\n", "PING\r\n", "\u{16}\u{03}\u{01}\u{02}", "\u{0}", "\u{6}", "\n",
    ])
  func others(text: String) {
    let bytes = Array(text.utf8)
    for count in 1...bytes.count {
      #expect(LMGeneration.sniff(bytes.span.bytes.extracting(first: count)) == .notLM)
    }
  }

  @Test("a command is four bytes", arguments: 1...3)
  func wrongCommandByte(index: Int) {
    var bytes: [UInt8] = [3, 0, 0, 0]
    bytes[index] = 1
    for count in 1...4 {
      let sniff = LMGeneration.sniff(bytes.span.bytes.extracting(first: count))
      #expect(sniff == (count <= index ? .needMore : .notLM))
    }
  }

  @Test("a v0 key whose bytes are not ASCII, and dimensions of every size")
  func edges() {
    let v0 = [3, 0, 0, 0, 0, 0, 0, 0] + Array("模型@x".utf8)
    #expect(LMGeneration.sniff(v0.span.bytes) == .generation(.v0))

    for top in UInt8(0)..<0x20 {
      let nine = [3] + [UInt8](repeating: 0, count: 31) + [0xFF, 0xFF, 0xFF, top]
      #expect(LMGeneration.sniff(nine.span.bytes) == .generation(.nineInts))
    }
  }

  @Test("garbage that begins like lm ends somewhere")
  func garbage() {
    var random = SplitMix64(seed: 11)
    for _ in 0..<5_000 {
      let bytes =
        [UInt8(random.pick(1...5)), 0, 0, 0] + (0..<40).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(LMGeneration.sniff(bytes.span.bytes) != .needMore)
    }
  }
}

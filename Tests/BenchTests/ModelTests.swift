import Base
import Testing

@testable import Bench

/// Compared with the figures of LMCache's own objects.
@Suite
struct ModelTests {
  static let figures: [(name: String, bytes: Int, parts: Int, shape: [Int32], format: Int32)] = [
    ("llama-3-8b", 33_554_432, 1, [2, 32, 256, 1024], 1),
    ("llama-3-8b-tp2", 16_777_216, 2, [2, 32, 256, 512], 1),
    ("llama-3-8b,layerwise", 1_048_576, 32, [256, 2, 1024, 0], 2),
    ("llama-3-70b-tp8", 10_485_760, 8, [2, 80, 256, 128], 1),
    ("llama-3-70b-tp4", 20_971_520, 4, [2, 80, 256, 256], 1),
    ("llama-3-70b-tp8,layerwise", 131_072, 640, [256, 2, 128, 0], 2),
    ("qwen2.5-32b", 67_108_864, 1, [2, 64, 256, 1024], 1),
    ("qwen2.5-32b-tp4", 16_777_216, 4, [2, 64, 256, 256], 1),
    ("qwen2.5-32b,layerwise", 1_048_576, 64, [256, 2, 1024, 0], 2),
    ("deepseek-v3", 17_989_632, 1, [1, 61, 256, 576], 6),
    ("deepseek-v3,layerwise", 294_912, 61, [1, 1, 256, 576], 6),
  ]

  @Test(arguments: figures)
  func valuesAreAsLargeAsAnEngines(figure: (name: String, bytes: Int, parts: Int, shape: [Int32], format: Int32)) throws
  {
    let layout = try ModelLayout(parsing: figure.name)
    let parts = layout.parts
    #expect(layout.valueBytes == figure.bytes)
    #expect(parts.count == figure.parts)
    for part in parts {
      #expect(part.bytes == figure.bytes)
      #expect(part.meta.type == 3)
      #expect(part.meta.format == figure.format)
      let shape = part.meta.shape
      #expect([shape.0, shape.1, shape.2, shape.3] == figure.shape)
    }
  }

  @Test
  func keysAreAnEngines() throws {
    func keys(_ name: String) throws -> [String] {
      try ModelLayout(parsing: name).parts.map { $0.keyHead + "HASH" + $0.keyTail }
    }
    #expect(try keys("llama-3-8b") == ["meta-llama/Meta-Llama-3-8B-Instruct@1@0@HASH@bfloat16"])
    let ranks = try keys("llama-3-70b-tp8")
    #expect(ranks[7] == "meta-llama/Meta-Llama-3-70B-Instruct@8@7@HASH@bfloat16")
    let layers = try keys("deepseek-v3,layerwise")
    #expect(layers[0] == "deepseek-ai/DeepSeek-V3@1@0@HASH@bfloat16@0")
    #expect(layers[60] == "deepseek-ai/DeepSeek-V3@1@0@HASH@bfloat16@60")
    // The key field of lm:// is 150 bytes long.
    #expect(try keys("llama-3-70b-tp8,layerwise").allSatisfy { $0.utf8.count + 12 <= Limits.keyBytesMax })
  }

  @Test(arguments: ["", "llama", "llama-3-8b-tp3", "llama-3-8b-tp", "llama-3-8b,", "llama-3-8b,lw", "llama-3-8bx"])
  func otherNamesAreRefused(name: String) {
    #expect(throws: Failure.self) { try ModelLayout(parsing: name) }
  }

  @Test
  func partsOfAChunkShareItsHash() throws {
    let space = KeySpace(parts: try ModelLayout(parsing: "llama-3-8b,layerwise").parts, salt: 7)
    #expect(space.partsPerChunk == 32)
    #expect(Set((0..<32).map { space.digits(of: $0) }).count == 1)
    #expect((0..<64).map { space.shapeIndex(of: $0) } == Array(0..<32) + Array(0..<32))
    #expect(space.digits(of: 31) != space.digits(of: 32))
    #expect(Set((0..<3200).map { space.digits(of: $0) }).count == 100)
  }

  @Test
  func anotherSaltMeansOtherKeys() throws {
    let parts = try ModelLayout(parsing: "llama-3-8b").parts
    let (one, other) = (KeySpace(parts: parts, salt: 1), KeySpace(parts: parts, salt: 2))
    let shared = Set((0..<1000).map { one.digits(of: $0) }).intersection((0..<1000).map { other.digits(of: $0) })
    #expect(shared.count == 0)
  }

  @Test
  func sizesComeAsOftenAsTheirWeightsSay() {
    let mix = SizeMix([
      .init(bytes: 4096, weight: 50), .init(bytes: 1 << 20, weight: 30), .init(bytes: 32 << 20, weight: 20),
    ])
    let space = KeySpace(sizes: mix)
    var counts = [0, 0, 0]
    for key in 0..<100_000 { counts[space.shapeIndex(of: key)] += 1 }
    for (count, share) in zip(counts, mix.shares) { #expect(abs(count - share.weight * 1000) < 1000) }
    #expect(space.meanBytes == mix.mean)
  }
}

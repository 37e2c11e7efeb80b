import Base
import Testing

@testable import Store

/// What keys name besides their chunks, in the forms that engines give them.
@Suite
struct ChunkNameTests {
  private static func names(_ key: String) -> [String?] {
    Array(key.utf8).withUnsafeBytes { bytes in
      let name = ChunkName(bytes)
      return [name.model, name.tag].map { $0.map { String(decoding: $0, as: UTF8.self) } }
    }
  }

  private static let hash = String(repeating: "0a", count: 32)

  static let keys: [(String, model: String?, tag: String?)] = [
    ("vllm@meta/Llama-3.1-8B@1@0@\(hash)", "meta/Llama-3.1-8B", nil),
    ("vllm@meta/Llama-3.1-8B@8@7@\(hash)@half", "meta/Llama-3.1-8B", nil),
    ("vllm@model@8@7@\(hash)@tenant%acme", "model", "tenant%acme"),
    ("Qwen/Qwen3-8B@2@1@1f\(hash)@bfloat16", "Qwen/Qwen3-8B", nil),
    ("Qwen/Qwen3-8B@2@1@1f@bfloat16@tenant%acme", "Qwen/Qwen3-8B", "tenant%acme"),
    ("Qwen/Qwen3-8B@2@1@1f@bfloat16@31@tenant%acme@team%a%b", "Qwen/Qwen3-8B", "tenant%acme"),
    ("model@02000100@0@\(hash)", "model", nil),
    ("prefix@model@02000100@0@\(hash)@salt", "model", nil),
    ("test@1@0@0@bfloat16", "test", nil),
    ("@0@0@0@half", nil, nil),
    ("vllm@model@not a number@0@\(hash)", nil, nil),
    ("key 17", nil, nil), ("@", nil, nil), ("a@b", nil, nil), ("50%@a@b", nil, nil),
  ]

  @Test(arguments: keys)
  func modelAndTagAreRead(key: String, model: String?, tag: String?) {
    #expect(Self.names(key) == [model, tag])
  }

  @Test func noKeyIsTooStrange() {
    var random = SplitMix64(seed: 5)
    let bytes = Array("@%0123f ".utf8)
    for _ in 0..<20_000 {
      let key = (0..<Int(random.next() % 24)).map { _ in bytes[Int(random.next() % UInt64(bytes.count))] }
      key.withUnsafeBytes { key in
        let name = ChunkName(key)
        #expect(name.model?.isEmpty != true && name.model?.contains(0x40) != true)
        #expect(name.tag.map { $0.contains(0x25) && !$0.contains(0x40) } ?? true)
      }
    }
  }
}

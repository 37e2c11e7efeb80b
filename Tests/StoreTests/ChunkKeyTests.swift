import Base
import Testing

@testable import Store

/// What keys name besides their chunks, in the forms that engines give them.
@Suite struct ChunkKeyTests {
  private static func text(_ key: String, _ field: (ChunkKey, UnsafeRawBufferPointer) -> Range<Int>?) -> String? {
    Array(key.utf8).withUnsafeBytes { key in
      ChunkKey(key).flatMap { field($0, key) }.map {
        String(decoding: UnsafeRawBufferPointer(rebasing: key[$0]), as: UTF8.self)
      }
    }
  }

  private static func model(_ key: String) -> String? { text(key) { fields, _ in fields.model } }

  /// As engines of each version write them.
  static let models = [
    ("vllm@meta-llama/Llama-3-8B@1@0@-2030303030303030303", "meta-llama/Llama-3-8B"),
    ("vllm@m@8@7@1c2f3a4b5d6e7f80@bfloat16", "m"), ("m@1@0@1c2f3a4b5d6e7f80@bfloat16", "m"),
    ("m@1@0@1c2f@bfloat16@5", "m"), ("m@1@0@1c2f@bfloat16@user%alice@team%x", "m"), ("m@16@15@1c2f@half@0@a%b", "m"),
    ("vllm@m@1@0@1c2f@user%alice", "m"), ("m@02010000@0@abcdef0123@salt", "m"), ("p@m@0a000003@1@abcdef", "m"),
    ("m@0800000a@0@1234", "m"), ("test@1@0@0@bfloat16", "test"),
  ]

  @Test(arguments: models)
  func theModelIsFound(key: String, model: String) { #expect(Self.model(key) == model) }

  @Test(arguments: ["", "@", "k", "a@b", "a@b@c", "a@1@0", "session:1", "a@@@@", "a@b@c@d@e", "m@1@x@abc", "0@1"])
  func otherKeysHaveNone(key: String) { #expect(Self.model(key) == nil) }

  private static func matches(_ key: String, model: String) -> Bool {
    Array(key.utf8).withUnsafeBytes { key in
      Array(model.utf8).withUnsafeBytes { ChunkKey.isOf(model: $0, key) }
    }
  }

  private static func matches(_ key: String, tag: String) -> Bool {
    Array(key.utf8).withUnsafeBytes { key in Array(tag.utf8).withUnsafeBytes { ChunkKey.hasTag($0, key) } }
  }

  @Test func aModelIsItsWholeName() {
    let key = "meta/Llama@1@0@1c2f@half@user%alice"
    #expect(Self.matches(key, model: "meta/Llama"))
    for other in ["meta/Llam", "meta/Llama2", "Llama", "META/Llama", "", "meta/Llama@1", "user%alice"] {
      #expect(!Self.matches(key, model: other), "\(other)")
    }
  }

  @Test func aTagIsItsWholeField() {
    let key = "a%b@1@0@1c2f@half@user%alice@team%x%y"
    #expect(Self.matches(key, tag: "user%alice") && Self.matches(key, tag: "team%x%y"))
    for other in ["user%alic", "user%alice2", "ser%alice", "user%", "%", "", "team%x", "a%b", "User%alice", "half%"] {
      #expect(!Self.matches(key, tag: other), "\(other)")
    }
    #expect(!Self.matches("no key of@LMCache@user%alice", tag: "user%alice"))
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
    ("p%q@model@02000100@0@\(hash)@a%b", "model", "a%b"),
    ("@0@0@0@half", "", nil),
    ("vllm@model@not a number@0@\(hash)", nil, nil),
    ("key 17", nil, nil), ("@", nil, nil), ("a@b", nil, nil), ("50%@a@b", nil, nil),
  ]

  @Test(arguments: keys)
  func modelAndTagAreRead(key: String, model: String?, tag: String?) {
    #expect(Self.model(key) == model)
    #expect(Self.text(key) { $0.firstTag(of: $1) } == tag)
  }

  /// What is counted by is the same; an empty name is none.
  @Test func whatIsCountedByIsTheSame() {
    for (key, model, tag) in Self.keys {
      Array(key.utf8).withUnsafeBytes { key in
        let names = UsageNames(key, seed: 1)
        #expect(String(decoding: names.model.text, as: UTF8.self) == model ?? "")
        #expect(String(decoding: names.tag.text, as: UTF8.self) == tag ?? "")
        #expect(names.model.isNone == (model ?? "").isEmpty && names.tag.isNone == (tag == nil))
      }
    }
  }

  @Test func noKeyIsTooStrange() {
    var random = SplitMix64(seed: 5)
    let bytes = Array("@%0123f ".utf8)
    var found = 0
    for _ in 0..<20_000 {
      let key = (0..<Int(random.next() % 24)).map { _ in bytes[Int(random.next() % UInt64(bytes.count))] }
      key.withUnsafeBytes { key in
        guard let fields = ChunkKey(key) else { return }
        #expect(!key[fields.model].contains(0x40))
        guard let tag = fields.firstTag(of: key) else { return }
        #expect(key[tag].contains(0x25) && !key[tag].contains(0x40))
        // The first of those that a walk through all of them finds.
        var last: Range<Int>?
        repeat { last = fields.next(of: key, behind: last) } while last != nil && !key[last!].contains(0x25)
        #expect(last == tag)
        found += 1
      }
    }
    #expect(found > 10)
  }
}

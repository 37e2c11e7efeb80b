import Base
import Testing

@testable import Wire

@Suite("JSON")
struct JSONElementTests {
  private static func read(_ text: String) -> JSONElement? { JSONElement(Array(text.utf8)) }

  @Test("values are read")
  func values() {
    #expect(Self.read("null") == .null && Self.read(" true\n") == .bool(true) && Self.read("false") == .bool(false))
    #expect(Self.read("0") == .number(0) && Self.read("-12.5e2") == .number(-1250))
    #expect(Self.read("[]") == .array([]) && Self.read("{ }") == .object([:]))
    #expect(Self.read("[1 , [\"a\"],{}]") == .array([.number(1), .array([.string("a")]), .object([:])]))
    let page = Self.read("{\"a\": {\"b\": [1, 2]}, \"c\": \"d\", \"e\": true}")
    #expect(page?["a"]?["b"]?.elements == [.number(1), .number(2)])
    #expect(page?["c"]?.string == "d" && page?["e"]?.bool == true && page?["x"] == nil && page?["c"]?["y"] == nil)
    #expect(page?.members.count == 3 && page?["c"]?.number == nil && page?["a"]?.elements == [])
  }

  @Test("strings are unescaped")
  func strings() {
    #expect(Self.read(#""a\"\\\/\b\f\n\r\t""#) == .string("a\"\\/\u{8}\u{C}\n\r\t"))
    #expect(Self.read(#""\u00fc\u20AC\ud83d\ude00ü""#) == .string("ü€😀ü"))
    #expect(JSONElement([0x22, 0xFF, 0x22]) == .string("\u{FFFD}"))
  }

  @Test(
    "what is no JSON is nothing",
    arguments: [
      "", " ", "nul", "True", "[", "[1", "[1,", "[1,]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}",
      "1 2",
      "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"",
      "\"a\nb\"", "+1", ".5", "1.", "1e", "--1", "0x10", "1e999", "-", "inf", "nan", "]", "}", ",", "{\"a\" 1}",
    ])
  func nothing(text: String) { #expect(Self.read(text) == nil) }

  @Test("a text that is too deep is not followed")
  func deep() {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(Self.read(nested(Limits.jsonDepthMax)) != nil)
    #expect(Self.read(nested(Limits.jsonDepthMax + 2)) == nil)
    #expect(Self.read(String(repeating: "[{\"a\":", count: 1_000_000)) == nil)
  }

  @Test("whatever is cut or changed, it is read or refused")
  func garbage() {
    let text = Array(#"{"a": [1, -2.5e3, {"b\u00e9": "c\n"}], "d": null, "e": true}"#.utf8)
    for end in text.indices { #expect(JSONElement(Array(text[..<end])) == nil) }
    var random = SplitMix64(seed: 15)
    for _ in 0..<20_000 {
      var changed = text
      for _ in 0..<3 { changed[Int(random.next() % UInt64(text.count))] = UInt8(truncatingIfNeeded: random.next()) }
      _ = JSONElement(changed)
    }
  }
}

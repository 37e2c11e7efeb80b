import Testing

@testable import Wire

@Suite("HTTP fields and parameters")
struct HTTPFieldTests {
  private static func field(_ name: StaticString, _ head: String) -> HTTPFieldValue {
    HTTPRequestParser.field(name, in: Array(head.utf8).span.bytes)
  }

  @Test("a field is found by its whole name, in any case")
  func names() {
    let head = "GET /host:x HTTP/1.1\r\nHOST:  a:1 \r\nX-Origin: b\r\nOriginal: c\r\nEmpty:\r\n\r\n"
    #expect(Self.field("host", head) == .once("a:1"))
    #expect(Self.field("origin", head) == .absent)
    #expect(Self.field("empty", head) == .once(""))
  }

  @Test("a field given twice is not one")
  func repeated() {
    #expect(Self.field("a", "GET / HTTP/1.1\r\nA: 1\r\na: 1\r\n\r\n") == .repeated)
    #expect(Self.field("a", "\r\n\r\n") == .absent)
    #expect(Self.field("a", "") == .absent)
  }

  static let parameters: [(query: String, name: String, value: [UInt8])] = [
    ("key=a", "key", Array("a".utf8)), ("key=a=b", "key", Array("a=b".utf8)),
    ("tag=user%3Dalice", "tag", Array("user=alice".utf8)), ("k=%00%fF%2f+", "k", [0, 255, 0x2F, 0x2B]),
    ("m=meta-llama/L@1?%25", "m", Array("meta-llama/L@1?%".utf8)), ("k=%26", "k", [0x26]),
  ]

  @Test("a parameter is decoded once", arguments: parameters)
  func decoded(query: String, name: String, value: [UInt8]) throws {
    let parameter = try #require(HTTPParameter(query: query))
    #expect(parameter.name == name && parameter.value == value)
  }

  @Test(
    "what is no single parameter is none",
    arguments: ["", "=", "key", "key=", "=a", "key=a&key=b", "&", "key=a&", "key=%", "key=%1", "key=%g0", "key=%%41"])
  func none(query: String) { #expect(HTTPParameter(query: query) == nil) }
}

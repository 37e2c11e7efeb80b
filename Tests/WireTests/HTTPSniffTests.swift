import Base
import Testing
import Wire

@Suite("HTTP sniffing")
struct HTTPSniffTests {
  private func sniff(_ bytes: [UInt8], count: Int? = nil) -> HTTPSniff {
    HTTPRequestParser.looksLikeHTTP(bytes.span.bytes.extracting(first: count ?? bytes.count))
  }

  @Test(
    "the first line decides, once it is there",
    arguments: [
      ("GET / HTTP/1.1\r\n", .yes), ("GET / HTTP/1.0\n", .yes), ("anything at all HTTP/1.7\r\n", .yes),
      ("PRI * HTTP/2.0\r\n", .no), ("PING\r\n", .no), ("GET key\r\n", .no), ("SET k HTTP/1.x\r\n", .no),
      ("*1\r\n", .no), (" HTTP/1.1\r\n", .no), ("GET / HTTP/1.1x\r\n", .no), ("GET /HTTP/1.1\r\n", .no),
      ("GET / http/1.1\r\n", .no),
    ] as [(String, HTTPSniff)])
  func firstLine(text: String, expected: HTTPSniff) {
    let bytes = Array(text.utf8)
    #expect(sniff(bytes) == expected)
    #expect(sniff(bytes + [0, 1, 2]) == expected)
    for count in 0..<bytes.count {
      let early = sniff(bytes, count: count)
      #expect(early == .needMore || (early == .no && expected == .no), "\(count) bytes")
    }
  }

  @Test("what is no text is no HTTP at once", arguments: [0, 1, 3, 0x0A, 0x16, 0x7F, 0x80, 0xFF] as [UInt8])
  func binary(first: UInt8) {
    #expect(sniff([first]) == .no)
  }

  @Test("a first line has a largest size")
  func longLine() {
    let bytes = [UInt8](repeating: 0x41, count: Limits.httpHeadBytesMax + 1)
    #expect(sniff(bytes, count: Limits.httpHeadBytesMax - 1) == .needMore)
    #expect(sniff(bytes, count: Limits.httpHeadBytesMax) == .no)
    #expect(sniff(bytes) == .no)
  }

  @Test("no golden lm request looks like HTTP", arguments: GoldenVector.requests)
  func lm(vector: GoldenVector) {
    #expect(sniff(vector.bytes) == .no)
  }
}

import Base
import Testing
@testable import Wire

@Suite("HTTP request heads")
struct HTTPParserTests {
  private static let browser = """
    GET /metrics?name[]=up&x=/health HTTP/1.1\r
    Host: cache:65432\r
    User-Agent: Prometheus/3.0\r
    Accept:text/plain;q=0.5, */*;q=0.1\r
    X-Empty:\r
    X-Wide: caf\u{E9}\t\r
    \r\n
    """

  /// Requests in order, each with its expected result.
  static let good: [(text: String, request: HTTPRequest)] = [
    (
      browser,
      .init(
        method: .get, path: "/metrics", query: "name[]=up&x=/health", version: .http11, keepAlive: true, bodyBytes: 0)
    ),
    (
      "GET /healthz HTTP/1.0\r\n\r\n",
      .init(method: .get, path: "/healthz", query: "", version: .http10, keepAlive: false, bodyBytes: 0)
    ),
    (
      "HEAD /livez HTTP/1.0\r\ncOnnection: foo , Keep-Alive\r\n\r\n",
      .init(method: .head, path: "/livez", query: "", version: .http10, keepAlive: true, bodyBytes: 0)
    ),
    (
      "GET /readyz HTTP/1.1\r\nConnection: keep-alive\r\nConnection: ,close\r\n\r\n",
      .init(method: .get, path: "/readyz", query: "", version: .http11, keepAlive: false, bodyBytes: 0)
    ),
    (
      "POST /stats HTTP/1.1\r\nContent-Length: 005\r\ncontent-length: 5 \r\n\r\n",
      .init(method: .post, path: "/stats", query: "", version: .http11, keepAlive: true, bodyBytes: 5)
    ),
    (
      "PUT /health HTTP/1.1\r\nContent-Length: 65536\r\nExpect: 100-continue\r\n\r\n",
      .init(method: .other, path: "/health", query: "", version: .http11, keepAlive: false, bodyBytes: 65536)
    ),
    (
      "GET HTTP://cache:65432/health?a HTTP/1.1\r\nHost: x\r\n\r\n",
      .init(method: .get, path: "/health", query: "a", version: .http11, keepAlive: true, bodyBytes: 0)
    ),
    (
      "GET http://cache HTTP/1.1\r\n\r\n",
      .init(method: .get, path: "", query: "", version: .http11, keepAlive: true, bodyBytes: 0)
    ),
    (
      "OPTIONS * HTTP/1.9\r\n\r\n",
      .init(method: .other, path: "*", query: "", version: .http11, keepAlive: true, bodyBytes: 0)
    ),
    (
      "get /healthzz?a?b=%20 HTTP/1.1\r\n\r\n",
      .init(method: .other, path: "/healthzz", query: "a?b=%20", version: .http11, keepAlive: true, bodyBytes: 0)
    ),
    (
      "GET /health/ HTTP/1.1\r\n\r\n",
      .init(method: .get, path: "/health/", query: "", version: .http11, keepAlive: true, bodyBytes: 0)
    ),
  ]

  private func parse(_ bytes: [UInt8], from start: Int = 0, count: Int? = nil) -> HTTPParse {
    HTTPRequestParser.parse(bytes.span.bytes.extracting(start..<(count ?? bytes.count)))
  }

  @Test("incomplete at every split, then itself", arguments: good.indices)
  func splits(index: Int) {
    let (text, request) = Self.good[index]
    let bytes = Array(text.utf8)
    for count in 0..<bytes.count { #expect(parse(bytes, count: count) == .incomplete, "\(count) bytes") }
    #expect(parse(bytes) == .request(request, consumed: bytes.count))
    #expect(parse(bytes + Array("\0garbage".utf8)) == .request(request, consumed: bytes.count))
  }

  @Test("glued requests come apart")
  func glued() {
    let bytes = Self.good.flatMap { Array($0.text.utf8) + [UInt8](repeating: 0x41, count: $0.request.bodyBytes) }
    var start = 0
    for (text, request) in Self.good {
      #expect(parse(bytes, from: start) == .request(request, consumed: text.utf8.count))
      start += text.utf8.count + request.bodyBytes
    }
    #expect(start == bytes.count)
  }

  @Test(
    "malformed requests",
    arguments: [
      ("\r\n", .badRequest), ("GET\r\n", .badRequest), ("GET /\r\n", .badRequest), ("GET / \r\n", .badRequest),
      (" / HTTP/1.1\r\n", .badRequest), ("GET  HTTP/1.1\r\n", .badRequest), ("GET  / HTTP/1.1\r\n", .badRequest),
      ("GET /  HTTP/1.1\r\n", .badRequest), ("GET / HTTP/1.1 \r\n", .badRequest), ("GET / x HTTP/1.1\r\n", .badRequest),
      ("GET / HTTP/1.1\n", .badRequest), ("GET / HTTP/1.1\r\n\n", .badRequest), ("\n", .badRequest),
      ("GET / HTTP/1.1\r\r\n", .badRequest), ("GET /\ra HTTP/1.1\r\n", .badRequest),
      ("GET /\0 HTTP/1.1\r\n", .badRequest), ("GET /é HTTP/1.1\r\n", .badRequest),
      ("GET /\t HTTP/1.1\r\n", .badRequest),
      ("G(T / HTTP/1.1\r\n", .badRequest), ("GÉT / HTTP/1.1\r\n", .badRequest),
      ("GET / http/1.1\r\n", .badRequest), ("GET / HTTP/1\r\n", .badRequest), ("GET / HTTP/1.10\r\n", .badRequest),
      ("GET / HTTP/1x1\r\n", .badRequest), ("GET / HTTP/a.1\r\n", .badRequest), ("GET / HTTP/1.b\r\n", .badRequest),
      ("GET / HTTP/2.0\r\n", .versionNotSupported), ("PRI * HTTP/2.0\r\n", .versionNotSupported),
      ("GET / HTTP/0.9\r\n", .versionNotSupported),
    ] as [(String, HTTPStatus)])
  func badRequestLines(text: String, status: HTTPStatus) {
    #expect(parse(Array(text.utf8)) == .refused(status))
  }

  @Test(
    "malformed fields",
    arguments: [
      ("Host", .badRequest), (": x", .badRequest), ("Host : x", .badRequest), (" Host: x", .badRequest),
      ("A: b\r\n folded", .badRequest), ("A: b\r\n\tfolded", .badRequest), ("A: b\rc", .badRequest),
      ("A: b\nC: d", .badRequest), ("A: b\r", .badRequest), ("A: \0", .badRequest), ("A: \u{7F}", .badRequest),
      ("A\0: b", .badRequest), ("A b: c", .badRequest), ("Hôst: x", .badRequest), ("Host: a\r\nhost: a", .badRequest),
      ("Transfer-Encoding: chunked", .badRequest), ("TRANSFER-ENCODING: identity", .badRequest),
      ("Content-Length: 0\r\nTransfer-Encoding: chunked", .badRequest), ("Transfer-Encoding:", .badRequest),
      ("Content-Length: -1", .badRequest), ("Content-Length: +1", .badRequest), ("Content-Length:", .badRequest),
      ("Content-Length: 1 2", .badRequest), ("Content-Length: 1, 1", .badRequest), ("Content-Length: 0x1", .badRequest),
      ("Content-Length: 1\r\nContent-Length: 2", .badRequest),
      ("Content-Length: 1\r\nContent-Length: 65537", .badRequest),
      ("Content-Length: 65537", .contentTooLarge),
      ("Content-Length: 99999999999999999999999999999999", .contentTooLarge),
      ("Content-Length: 18446744073709551621", .contentTooLarge),
    ] as [(String, HTTPStatus)])
  func badFields(text: String, status: HTTPStatus) {
    let bytes = Array("GET / HTTP/1.1\r\n\(text)\r\n\r\n".utf8)
    #expect(parse(bytes) == .refused(status))
    for count in 0..<bytes.count {
      let early = parse(bytes, count: count)
      #expect(early == .incomplete || early == .refused(status), "\(count) bytes")
    }
  }

  @Test("a head has a largest size, in one line or in many")
  func headSize() {
    let before = "GET /health HTTP/1.1\r\n"
    let room = Limits.httpHeadBytesMax - before.utf8.count
    let oneLine = before + "A: " + String(repeating: "x", count: room - 7) + "\r\n\r\n"
    let bytes = Array(oneLine.utf8)
    #expect(bytes.count == Limits.httpHeadBytesMax)
    guard case .request = parse(bytes) else {
      Issue.record("the largest head fits")
      return
    }
    #expect(parse(bytes, count: bytes.count - 1) == .incomplete)
    let larger = Array((before + "A: x" + oneLine.dropFirst(before.count + 3)).utf8)
    #expect(parse(larger) == .refused(.headerFieldsTooLarge))
    #expect(parse(larger, count: larger.count - 1) == .refused(.headerFieldsTooLarge))

    let manyLines = Array((before + String(repeating: "A: b\r\n", count: 2000)).utf8)
    #expect(parse(manyLines) == .refused(.headerFieldsTooLarge))
    let endless = [UInt8](repeating: 0x41, count: Limits.httpHeadBytesMax)
    #expect(parse(endless, count: endless.count - 1) == .incomplete)
    #expect(parse(endless) == .refused(.headerFieldsTooLarge))
  }

  @Test("changed bytes never trap, and never consume what is not there")
  func mutations() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<20_000 {
      var bytes = Array(Self.good[random.pick(0...Self.good.count - 1)].text.utf8)
      for _ in 0..<random.pick(1...4) {
        bytes[random.pick(0...bytes.count - 1)] = UInt8.random(in: 0...255, using: &random)
      }
      _ = HTTPRequestParser.looksLikeHTTP(bytes.span.bytes)
      guard case .request(let request, let consumed) = parse(bytes) else { continue }
      #expect(consumed <= bytes.count && bytes[..<consumed].suffix(4) == Array("\r\n\r\n".utf8)[...])
      #expect((0...Limits.httpBodyBytesMax).contains(request.bodyBytes))
    }
  }
}

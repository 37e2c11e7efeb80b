import Testing
import Wire

@Suite("HTTP response heads")
struct HTTPResponseHeadTests {
  @Test("a head is appended, byte for byte")
  func bytes() {
    var output = Array("before".utf8)
    HTTPResponseHead.encode(.ok, contentType: "text/plain", bodyBytes: 12, keepAlive: true, into: &output)
    HTTPResponseHead.encode(
      .methodNotAllowed, contentType: "application/json", bodyBytes: 0, keepAlive: false, allow: "GET, HEAD",
      into: &output)
    let expected =
      "beforeHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\nCache-Control: no-store\r\n"
      + "Connection: keep-alive\r\n\r\n"
      + "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: application/json\r\nContent-Length: 0\r\n"
      + "Cache-Control: no-store\r\nConnection: close\r\nAllow: GET, HEAD\r\n\r\n"
    #expect(String(decoding: output, as: UTF8.self) == expected)
  }

  @Test("who is to say a token is told how")
  func challenge() {
    var output: [UInt8] = []
    HTTPResponseHead.encode(.unauthorized, contentType: "a", bodyBytes: 0, keepAlive: false, into: &output)
    #expect(String(decoding: output, as: UTF8.self).contains("\r\nWWW-Authenticate: Bearer\r\n"))
  }

  @Test("a document says what a browser may do with it")
  func policy() {
    var output: [UInt8] = []
    HTTPResponseHead.encode(
      .ok, contentType: "text/html", bodyBytes: 1, keepAlive: true, policy: "default-src 'none'", into: &output)
    let expected =
      "\r\nContent-Security-Policy: default-src 'none'\r\nX-Content-Type-Options: nosniff\r\n"
      + "Referrer-Policy: no-referrer\r\n\r\n"
    #expect(String(decoding: output, as: UTF8.self).hasSuffix(expected))
  }

  @Test("statuses and their phrases")
  func phrases() {
    #expect(HTTPStatus.allCases.map(\.rawValue) == [200, 202, 400, 401, 403, 404, 405, 409, 413, 431, 503, 505])
    #expect(Set(HTTPStatus.allCases.map { "\($0.reason)" }).count == HTTPStatus.allCases.count)
  }
}

import Testing

@testable import Wire

/// What a client reads.
@Suite("heads of answers")
struct AnswerHeadTests {
  private static func reply(_ line: String) -> RESPReplyHead? { RESPReplyHead(line: Array(line.utf8).span.bytes) }

  @Test("replies of RESP")
  func replies() {
    #expect(Self.reply("+OK") == .text(Array("OK".utf8)) && Self.reply("+") == .text([]))
    #expect(Self.reply("-ERR no") == .error(Array("ERR no".utf8)))
    #expect(Self.reply(":-12") == .integer(-12))
    #expect(Self.reply("$0") == .bytes(0) && Self.reply("$2147483647") == .bytes(2_147_483_647))
    #expect(Self.reply("*2") == .array(2))
    #expect(Self.reply("$-1") == RESPReplyHead.none && Self.reply("*-1") == RESPReplyHead.none)
  }

  @Test(
    "what is no reply",
    arguments: [
      "", "OK", "$", "$x", "$-2", "$+1", "$1 ", ":", ":1.5", ":9223372036854775808", "*1x", "_", "%1", "HTTP/1.1",
    ])
  func noReplies(line: String) { #expect(Self.reply(line) == nil) }

  private static func head(_ lines: String...) -> HTTPAnswerHead? {
    guard var head = HTTPAnswerHead(statusLine: Array(lines[0].utf8).span.bytes) else { return nil }
    for line in lines.dropFirst() {
      guard head.take(field: Array(line.utf8).span.bytes) else { return nil }
    }
    return head
  }

  @Test("answers of HTTP")
  func answers() {
    #expect(Self.head("HTTP/1.1 200 OK")?.status == 200 && Self.head("HTTP/1.0 404")?.status == 404)
    let head = Self.head("HTTP/1.1 503 Not Now", "Server: x", "CONTENT-length:  12 ", "Content-Length: 12", "Empty:")
    #expect(head?.bodyBytes == 12 && head?.status == 503)
    #expect(Self.head("HTTP/1.1 200 OK", "Server: x")?.bodyBytes == nil)
  }

  @Test(
    "what is no answer",
    arguments: ["", "HTTP/1.1", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/2 200", "HTTP/1.x 200", "http/1.1 200 OK", "+OK"])
  func noAnswers(line: String) { #expect(Self.head(line) == nil) }

  @Test(
    "what is no field, or leaves the end open",
    arguments: [
      "", "no colon", ": x", "a b: c", "Content-Length:", "Content-Length: -1", "Content-Length: 1 2",
      "Content-Length: 9999999999999999", "Transfer-Encoding: chunked", " folded: x",
    ])
  func noFields(line: String) { #expect(Self.head("HTTP/1.1 200 OK", line) == nil) }

  @Test("two lengths that differ are none")
  func twoLengths() { #expect(Self.head("HTTP/1.1 200 OK", "Content-Length: 1", "Content-Length: 2") == nil) }
}

import Testing

@testable import Bench

/// When the reply to a request outside the load is complete. Servers add different text to their version, so no word
/// marks the end.
struct AnswerTests {
  @Test func aBulkIsWholeWithItsLastByte() {
    let whole = Array("$29\r\n# Server\r\nredis_version:7\r\n\r\n\r\n".utf8)
    for count in 0..<whole.count { #expect(!Socket.hasBulk(Array(whole[..<count])), "\(count) bytes") }
    #expect(Socket.hasBulk(whole))
  }

  @Test func anErrorIsALine() {
    #expect(!Socket.hasBulk(Array("-NOAUTH Authentication".utf8)))
    #expect(Socket.hasBulk(Array("-NOAUTH Authentication required.\r\n".utf8)))
  }
}

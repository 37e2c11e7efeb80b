/// The head of an answer over HTTP, as a client reads it line by line.
package struct HTTPAnswerHead: Equatable, Sendable {
  package let status: Int
  /// Nil where no field has told it.
  package private(set) var bodyBytes: Int?

  /// Nil for what is no status line of HTTP/1.
  /// - Parameter bytes: without its CR LF.
  package init?(statusLine bytes: RawSpan) {
    let version = "HTTP/1.".utf8.count
    guard bytes.byteCount >= version + 5, bytes.holds("HTTP/1.", in: 0..<version), bytes.digit(at: version) != nil,
      bytes.byte(at: version + 1) == UInt8(ascii: " "),
      let status = Self.number(bytes, version + 2..<version + 5),
      bytes.byteCount == version + 5 || bytes.byte(at: version + 5) == UInt8(ascii: " ")
    else { return nil }
    self.status = status
  }

  /// False where the line is no field, or leaves open where the body ends.
  package mutating func take(field bytes: RawSpan) -> Bool {
    guard let colon = bytes.firstOffset(of: UInt8(ascii: ":"), in: 0..<bytes.byteCount),
      bytes.isHTTPToken(0..<colon), !bytes.holdsIgnoringCase("transfer-encoding", in: 0..<colon)
    else { return false }
    guard bytes.holdsIgnoringCase("content-length", in: 0..<colon) else { return true }
    guard let count = Self.number(bytes, bytes.trimmingBlanks(colon + 1..<bytes.byteCount)),
      bodyBytes == nil || bodyBytes == count
    else { return false }
    bodyBytes = count
    return true
  }

  /// Digits alone, and not so many that they overflow.
  private static func number(_ bytes: RawSpan, _ range: Range<Int>) -> Int? {
    guard (1...15).contains(range.count) else { return nil }
    var value = 0
    for offset in range {
      guard let digit = bytes.digit(at: offset) else { return nil }
      value = value * 10 + digit
    }
    return value
  }
}

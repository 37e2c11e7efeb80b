/// `GET /metrics?x HTTP/1.1`
struct HTTPRequestLine {
  let method: HTTPRequest.Method
  let path: String
  let query: String
  let version: HTTPRequest.Version

  /// Three words with one space between them, no other white space anywhere.
  init(_ bytes: RawSpan, _ line: Range<Int>) throws(HTTPStatus) {
    let space = UInt8(ascii: " ")
    guard
      let methodEnd = bytes.firstOffset(of: space, in: line),
      let targetEnd = bytes.firstOffset(of: space, in: methodEnd + 1..<line.upperBound)
    else { throw .badRequest }
    version = try Self.version(bytes, targetEnd + 1..<line.upperBound)
    method = try Self.method(bytes, line.lowerBound..<methodEnd)
    (path, query) = try Self.target(bytes, methodEnd + 1..<targetEnd)
  }

  private static func version(_ bytes: RawSpan, _ word: Range<Int>) throws(HTTPStatus) -> HTTPRequest.Version {
    let major = word.lowerBound + 5
    guard word.count == 8, bytes.holds("HTTP/", in: word.lowerBound..<major),
      let majorDigit = bytes.digit(at: major), bytes.byte(at: major + 1) == UInt8(ascii: "."),
      let minorDigit = bytes.digit(at: major + 2)
    else { throw .badRequest }
    guard majorDigit == 1 else { throw .versionNotSupported }
    return minorDigit == 0 ? .http10 : .http11
  }

  private static func method(_ bytes: RawSpan, _ word: Range<Int>) throws(HTTPStatus) -> HTTPRequest.Method {
    guard bytes.isHTTPToken(word) else { throw .badRequest }
    if bytes.holds("GET", in: word) { return .get }
    if bytes.holds("HEAD", in: word) { return .head }
    if bytes.holds("POST", in: word) { return .post }
    if bytes.holds("DELETE", in: word) { return .delete }
    return .other
  }

  private static func target(
    _ bytes: RawSpan, _ target: Range<Int>
  ) throws(HTTPStatus) -> (path: String, query: String) {
    guard !target.isEmpty else { throw .badRequest }
    for offset in target where !(0x21...0x7E).contains(bytes.byte(at: offset)) { throw .badRequest }
    let start = pathStart(bytes, target)
    guard let mark = bytes.firstOffset(of: UInt8(ascii: "?"), in: start..<target.upperBound) else {
      return (text(bytes, start..<target.upperBound), "")
    }
    return (text(bytes, start..<mark), text(bytes, mark + 1..<target.upperBound))
  }

  private static func text(_ bytes: RawSpan, _ range: Range<Int>) -> String {
    String(decoding: range.map { bytes.byte(at: $0) }, as: UTF8.self)
  }

  /// A client behind a proxy setting may send `http://host/path`; the path begins behind the host.
  private static func pathStart(_ bytes: RawSpan, _ target: Range<Int>) -> Int {
    let host = target.lowerBound + "http://".utf8.count
    guard host <= target.upperBound, bytes.holdsIgnoringCase("http://", in: target.lowerBound..<host) else {
      return target.lowerBound
    }
    return bytes.firstOffset(of: UInt8(ascii: "/"), in: host..<target.upperBound) ?? target.upperBound
  }
}

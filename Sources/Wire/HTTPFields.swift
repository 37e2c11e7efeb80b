import Base

/// The header fields that matter, gathered line by line.
struct HTTPFields {
  private var length: Int?
  private var hasHost = false
  private var saysClose = false
  private var saysKeepAlive = false
  private var expects = false

  /// Takes one field line. White space before the name (folding) or the colon fails as a name.
  mutating func take(_ bytes: RawSpan, _ line: Range<Int>) throws(HTTPStatus) {
    guard let colon = bytes.firstOffset(of: UInt8(ascii: ":"), in: line) else { throw .badRequest }
    let name = line.lowerBound..<colon
    guard bytes.isHTTPToken(name) else { throw .badRequest }
    let value = bytes.trimmingBlanks(colon + 1..<line.upperBound)
    for offset in value where bytes.isControl(at: offset) { throw .badRequest }
    try take(bytes, name: name, value: value)
  }

  private mutating func take(_ bytes: RawSpan, name: Range<Int>, value: Range<Int>) throws(HTTPStatus) {
    if bytes.holdsIgnoringCase("content-length", in: name) {
      try takeLength(bytes, value)
    } else if bytes.holdsIgnoringCase("transfer-encoding", in: name) {
      throw .badRequest
    } else if bytes.holdsIgnoringCase("host", in: name) {
      guard !hasHost else { throw .badRequest }
      hasHost = true
    } else if bytes.holdsIgnoringCase("connection", in: name) {
      takeConnection(bytes, value)
    } else if bytes.holdsIgnoringCase("expect", in: name) {
      expects = true
    }
  }

  /// Digits only. Given twice, it must be the same.
  private mutating func takeLength(_ bytes: RawSpan, _ value: Range<Int>) throws(HTTPStatus) {
    guard !value.isEmpty else { throw .badRequest }
    var given = 0
    for offset in value {
      guard let digit = bytes.digit(at: offset) else { throw .badRequest }
      // Beyond the largest body all lengths are alike: refused.
      given = min(given * 10 + digit, Limits.httpBodyBytesMax + 1)
    }
    guard length == nil || length == given else { throw .badRequest }
    length = given
  }

  /// A list of options, separated by commas.
  private mutating func takeConnection(_ bytes: RawSpan, _ value: Range<Int>) {
    var start = value.lowerBound
    while start <= value.upperBound {
      let end = bytes.firstOffset(of: UInt8(ascii: ","), in: start..<value.upperBound) ?? value.upperBound
      let option = bytes.trimmingBlanks(start..<end)
      if bytes.holdsIgnoringCase("close", in: option) { saysClose = true }
      if bytes.holdsIgnoringCase("keep-alive", in: option) { saysKeepAlive = true }
      start = end + 1
    }
  }

  func bodyBytes() throws(HTTPStatus) -> Int {
    let bytes = length ?? 0
    guard bytes <= Limits.httpBodyBytesMax else { throw .contentTooLarge }
    return bytes
  }

  func keepAlive(version: HTTPRequest.Version) -> Bool {
    // A client that asked whether to send its body may or may not send it after our answer.
    guard !saysClose, !expects else { return false }
    return version == .http11 || saysKeepAlive
  }
}

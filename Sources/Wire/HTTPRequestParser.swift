import Base

/// Reads request heads. Strict where leniency would let two readers disagree on where a request ends: lines end in CR LF
/// and nowhere else, there is no folding, no Transfer-Encoding, and one length.
/// Keeps nothing between calls: it is given all unconsumed bytes each time, and a head is at most a few KiB.
package enum HTTPRequestParser {
  package static func parse(_ bytes: RawSpan) -> HTTPParse {
    do throws(HTTPStatus) {
      return try parseHead(bytes)
    } catch {
      return .refused(error)
    }
  }

  /// HTTP is told from other text protocols by how its first line ends; that it begins with a verb says little.
  package static func looksLikeHTTP(_ bytes: RawSpan) -> HTTPSniff {
    let count = min(bytes.byteCount, Limits.httpHeadBytesMax)
    for offset in 0..<count {
      switch bytes.byte(at: offset) {
      case UInt8(ascii: "\n"): return endsInVersion(bytes, 0..<offset) ? .yes : .no
      // Before the line's end it is a mistake, which the parser answers.
      case UInt8(ascii: "\r"): continue
      case 0..<0x20, 0x7F: return .no
      default: if offset == 0, !bytes.isHTTPToken(0..<1) { return .no }
      }
    }
    return count < Limits.httpHeadBytesMax ? .needMore : .no
  }

  private static func endsInVersion(_ bytes: RawSpan, _ line: Range<Int>) -> Bool {
    var end = line.upperBound
    if end > 0, bytes.byte(at: end - 1) == UInt8(ascii: "\r") { end -= 1 }
    let version = " HTTP/1.x".utf8.count
    guard end > version, bytes.holds(" HTTP/1.", in: end - version..<end - 1) else { return false }
    return bytes.digit(at: end - 1) != nil
  }
}

// MARK: - Lines

extension HTTPRequestParser {
  private static func parseHead(_ bytes: RawSpan) throws(HTTPStatus) -> HTTPParse {
    guard let first = try line(bytes, from: 0) else { return .incomplete }
    let requestLine = try HTTPRequestLine(bytes, first)
    var fields = HTTPFields()
    var start = first.upperBound + 2
    while let line = try line(bytes, from: start) {
      start = line.upperBound + 2
      guard line.isEmpty else {
        try fields.take(bytes, line)
        continue
      }
      let request = HTTPRequest(
        method: requestLine.method, path: requestLine.path, query: requestLine.query, version: requestLine.version,
        keepAlive: fields.keepAlive(version: requestLine.version), bodyBytes: try fields.bodyBytes())
      return .request(request, consumed: start)
    }
    return .incomplete
  }

  /// The line that begins at `start`, its ending excluded; nil if it is not all there.
  private static func line(_ bytes: RawSpan, from start: Int) throws(HTTPStatus) -> Range<Int>? {
    let limit = min(bytes.byteCount, Limits.httpHeadBytesMax)
    guard start < limit, let end = bytes.firstOffset(of: UInt8(ascii: "\n"), in: start..<limit) else {
      guard bytes.byteCount < Limits.httpHeadBytesMax else { throw .headerFieldsTooLarge }
      return nil
    }
    guard end > start, bytes.byte(at: end - 1) == UInt8(ascii: "\r") else { throw .badRequest }
    return start..<end - 1
  }
}

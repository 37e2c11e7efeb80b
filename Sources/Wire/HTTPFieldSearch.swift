/// A field of a request's head.
package enum HTTPFieldValue: Equatable, Sendable {
  case absent
  case once(String)
  /// Readers could differ about which one counts.
  case repeated
}

extension HTTPRequestParser {
  /// Looks a field up in a head that was parsed. Most sessions want none of them, so nothing is kept of them there.
  package static func field(_ name: StaticString, in head: RawSpan) -> HTTPFieldValue {
    var found = HTTPFieldValue.absent
    var start = 0
    while let end = head.firstOffset(of: UInt8(ascii: "\n"), in: start..<head.byteCount) {
      let line = start..<max(start, end - 1)
      start = end + 1
      guard let colon = head.firstOffset(of: UInt8(ascii: ":"), in: line),
        head.holdsIgnoringCase(name, in: line.lowerBound..<colon)
      else { continue }
      guard found == .absent else { return .repeated }
      let value = head.trimmingBlanks(colon + 1..<line.upperBound)
      found = .once(String(decoding: value.map { head.byte(at: $0) }, as: UTF8.self))
    }
    return found
  }
}

/// Splits an inline command into its words, quotes and escapes undone in place: a word never grows by that.
struct RESPInlineWords {
  private enum Quote {
    case none, single, double
  }

  private var position: Int
  private let end: Int

  init(range: Range<Int>) { (position, end) = (range.lowerBound, range.upperBound) }

  mutating func next(in bytes: inout MutableRawSpan) throws(RESPProtocolError) -> Range<Int>? {
    while position < end, bytes.bytes.isSpace(at: position) { position += 1 }
    // A NUL ends the line, as a string of C ends.
    guard position < end, bytes.bytes.byte(at: position) != 0 else { return nil }
    let start = position
    var written = position
    var quote = Quote.none
    while true {
      let byte = position < end ? bytes.bytes.byte(at: position) : 0
      switch quote {
      case .none:
        if isBreak(byte) { return start..<written }
        position += 1
        switch byte {
        case UInt8(ascii: "\""): quote = .double
        case UInt8(ascii: "'"): quote = .single
        default: put(byte, in: &bytes, &written)
        }
      case .double:
        guard byte != 0 else { throw .unbalancedQuotes }
        if byte == UInt8(ascii: "\"") {
          try close(bytes.bytes)
          return start..<written
        }
        put(unescaped(byte, bytes.bytes), in: &bytes, &written)
      case .single:
        guard byte != 0 else { throw .unbalancedQuotes }
        if byte == UInt8(ascii: "'") {
          try close(bytes.bytes)
          return start..<written
        }
        if byte == UInt8(ascii: "\\"), peek(1, bytes.bytes) == UInt8(ascii: "'") { position += 1 }
        position += 1
        put(byte == UInt8(ascii: "\\") ? bytes.bytes.byte(at: position - 1) : byte, in: &bytes, &written)
      }
    }
  }

  private func isBreak(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\t")
      || byte == 0
  }

  /// A closing quote ends its word: white space must follow, or nothing.
  private mutating func close(_ bytes: RawSpan) throws(RESPProtocolError) {
    position += 1
    if position < end, bytes.byte(at: position) != 0, !bytes.isSpace(at: position) { throw .unbalancedQuotes }
  }

  /// The byte that stands at `position` between double quotes, escaped or not; moves behind it.
  private mutating func unescaped(_ byte: UInt8, _ bytes: RawSpan) -> UInt8 {
    guard byte == UInt8(ascii: "\\"), let escaped = peek(1, bytes) else {
      position += 1
      return byte
    }
    if escaped == UInt8(ascii: "x"), let high = hexDigit(peek(2, bytes)), let low = hexDigit(peek(3, bytes)) {
      position += 4
      return high << 4 | low
    }
    position += 2
    switch escaped {
    case UInt8(ascii: "n"): return UInt8(ascii: "\n")
    case UInt8(ascii: "r"): return UInt8(ascii: "\r")
    case UInt8(ascii: "t"): return UInt8(ascii: "\t")
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "a"): return 0x07
    default: return escaped
    }
  }

  private func peek(_ ahead: Int, _ bytes: RawSpan) -> UInt8? {
    guard position + ahead < end, bytes.byte(at: position + ahead) != 0 else { return nil }
    return bytes.byte(at: position + ahead)
  }

  private func hexDigit(_ byte: UInt8?) -> UInt8? {
    switch byte {
    case .some(let byte) where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte): byte - UInt8(ascii: "0")
    case .some(let byte) where (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte): byte - UInt8(ascii: "a") + 10
    case .some(let byte) where (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  private func put(_ byte: UInt8, in bytes: inout MutableRawSpan, _ written: inout Int) {
    bytes.storeBytes(of: byte, toByteOffset: written, as: UInt8.self)
    written += 1
  }
}

extension RawSpan {
  /// White space of C's `isspace`.
  fileprivate func isSpace(at offset: Int) -> Bool {
    let byte = byte(at: offset)
    return byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte)
  }
}

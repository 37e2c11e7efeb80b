/// Character classes of HTTP/1.
extension RawSpan {
  func digit(at offset: Int) -> Int? {
    let byte = byte(at: offset)
    return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int(byte - UInt8(ascii: "0")) : nil
  }

  /// Control bytes that no line may hold: all but the tab, CR and NUL among them.
  func isControl(at offset: Int) -> Bool {
    let byte = byte(at: offset)
    return byte < 0x20 && byte != UInt8(ascii: "\t") || byte == 0x7F
  }

  /// A word of the characters that methods and field names are made of.
  func isHTTPToken(_ range: Range<Int>) -> Bool {
    for offset in range {
      switch byte(at: offset) {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"),
        UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "^")...UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
        continue
      default: return false
      }
    }
    return !range.isEmpty
  }

  /// The range without spaces and tabs at its ends.
  func trimmingBlanks(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, isBlank(at: start) { start += 1 }
    while end > start, isBlank(at: end - 1) { end -= 1 }
    return start..<end
  }

  private func isBlank(at offset: Int) -> Bool {
    byte(at: offset) == UInt8(ascii: " ") || byte(at: offset) == UInt8(ascii: "\t")
  }
}

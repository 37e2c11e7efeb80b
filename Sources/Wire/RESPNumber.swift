/// Whole numbers as Redis reads them: no plus, no leading zero, no minus zero, no blank, and within 64 bits.
package enum RESPNumber {
  package static func parse(_ text: RawSpan) -> Int? { parse(text, 0..<text.byteCount) }

  static func parse(_ bytes: RawSpan, _ range: Range<Int>) -> Int? {
    var digits = range
    let isNegative = !range.isEmpty && bytes.byte(at: range.lowerBound) == UInt8(ascii: "-")
    if isNegative { digits = range.lowerBound + 1..<range.upperBound }
    guard let first = digits.first, let leading = bytes.digit(at: first) else { return nil }
    if leading == 0 { return digits.count == 1 && !isNegative ? 0 : nil }
    var value = 0
    var offset = first
    while offset < digits.upperBound {
      guard let digit = bytes.digit(at: offset) else { return nil }
      let (tens, tooMany) = value.multipliedReportingOverflow(by: 10)
      // Gathered with its sign, since the least number has no positive twin.
      let (sum, tooLarge) = isNegative ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
      guard !tooMany, !tooLarge else { return nil }
      value = sum
      offset += 1
    }
    return value
  }
}

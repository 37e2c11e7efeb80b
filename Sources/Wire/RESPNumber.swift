/// Whole numbers as Redis reads them: no plus, no leading zero, no minus zero, no blank, and within 64 bits.
package enum RESPNumber {
  package static func parse(_ text: RawSpan) -> Int? { parse(text, 0..<text.byteCount) }

  // Neither a for loop nor `first`: in a debug build they allocate, and requests must not.
  static func parse(_ bytes: RawSpan, _ range: Range<Int>) -> Int? {
    var offset = range.lowerBound
    let isNegative = offset < range.upperBound && bytes.byte(at: offset) == UInt8(ascii: "-")
    if isNegative { offset += 1 }
    guard offset < range.upperBound, let leading = bytes.digit(at: offset) else { return nil }
    if leading == 0 { return range.count == 1 ? 0 : nil }
    var value = 0
    while offset < range.upperBound {
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

/// Numbers as people read them, in sentences of the status page.
enum StatusText {
  /// `1 chunk`, `12,000 chunks`.
  static func count(_ number: UInt64, _ noun: String, _ plural: String? = nil) -> String {
    "\(grouped(number)) \(number == 1 ? noun : plural ?? noun + "s")"
  }

  private static func grouped(_ number: UInt64) -> String {
    var text = ""
    for (index, digit) in "\(number)".reversed().enumerated() {
      if index > 0, index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }

  /// In whole units of the largest that there are two of.
  static func duration(seconds: Int) -> String {
    if seconds < 1 { return "less than a second" }
    let units = [("day", 86400), ("hour", 3600), ("minute", 60)]
    for (noun, length) in units where seconds >= 2 * length { return count(UInt64(seconds / length), noun) }
    return count(UInt64(seconds), "second")
  }

  static func percent(_ part: UInt64, of whole: UInt64) -> String {
    guard whole > 0 else { return "0 %" }
    let percent = Double(part) * 100 / Double(whole)
    // What is there is not nothing.
    return part > 0 && percent < 1 ? "under 1 %" : "\(Int(percent.rounded())) %"
  }

  static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}

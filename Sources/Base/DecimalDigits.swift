/// Whole numbers as people write them: ASCII digits only, no sign.
package enum DecimalDigits {
  /// Nil for anything but digits, and for what does not fit.
  package static func parse(_ text: some StringProtocol) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    return Int(text)
  }
}

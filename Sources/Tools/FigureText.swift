import Base

/// Figures as people read them. What a server says of itself may be anything: nothing here traps.
enum FigureText {
  /// A whole number that no figure is beyond.
  private static func whole(_ value: Double) -> Int { value > 0 ? Int(min(value, 9e18)) : 0 }

  static func bytes(_ value: Double) -> String { ByteSize.text(whole(value)) }

  /// In groups of three digits.
  static func count(_ value: Double) -> String {
    let digits = Array(String(whole(value.rounded())))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }

  static func byteRate(_ value: Double?) -> String { value.map { "\(bytes($0))/s" } ?? "-" }

  /// With one decimal where it says something.
  static func rate(_ value: Double?) -> String {
    guard let value else { return "-" }
    let tenths = whole((min(value, 1e15) * 10).rounded())
    return value >= 100 || tenths % 10 == 0 ? "\(count(value))/s" : "\(tenths / 10).\(tenths % 10)/s"
  }

  /// Nil where there is nothing to have a share of.
  static func share(_ part: Double, of all: Double) -> String? {
    guard all > 0, part >= 0 else { return nil }
    let permille = whole((min(part / all, 1000) * 1000).rounded())
    return "\(permille / 10).\(permille % 10) %"
  }

  static func milliseconds(_ seconds: Double) -> String {
    let tenths = whole((min(seconds, 1e12) * 10_000).rounded())
    return "\(tenths / 10).\(tenths % 10) ms"
  }

  /// The two largest units: `3 d 4 h`.
  static func duration(_ seconds: Double) -> String {
    let seconds = whole(seconds)
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
    if seconds < 86_400 { return "\(seconds / 3600) h \(seconds % 3600 / 60) min" }
    return "\(seconds / 86_400) d \(seconds % 86_400 / 3600) h"
  }

  static func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  static func filled(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// Its beginning, where it is too long.
  static func cut(_ text: String, _ width: Int) -> String {
    text.count > width ? text.prefix(max(0, width - 1)) + "…" : text
  }
}

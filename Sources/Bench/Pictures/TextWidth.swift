/// Estimates the width of a text: the reader's font is not known.
enum TextWidth {
  static func of(_ text: String, size: Double) -> Double {
    size * text.unicodeScalars.reduce(0) { $0 + share(of: $1) }
  }

  /// The text, or as much of both its ends as fits.
  static func fitted(_ text: String, size: Double, into width: Double) -> String {
    guard of(text, size: size) > width else { return text }
    var head = Array(text.prefix(text.count / 2))
    var tail = Array(text.suffix(text.count - text.count / 2))
    while !tail.isEmpty, of(String(head) + "…" + String(tail), size: size) > width {
      if head.count > tail.count { head.removeLast() } else { tail.removeFirst() }
    }
    return String(head) + "…" + String(tail)
  }

  private static func share(of character: Unicode.Scalar) -> Double {
    switch character {
    case "i", "j", "l", "t", "f", "I", " ", ".", ",", ":", ";", "'", "|", "!", "/", "(", ")", "[", "]": 0.31
    case "m", "w", "M", "W", "@", "%": 0.88
    case "A"..."Z": 0.69
    case "\u{1100}"...: 1.05
    default: 0.57
    }
  }
}

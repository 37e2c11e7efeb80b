/// A duration in microseconds in the unit that suits it.
enum DurationText {
  static func of(_ microseconds: Double, unicode: Bool = true) -> String {
    if microseconds >= 1e6 { return digits(microseconds / 1e6) + " s" }
    if microseconds >= 1e3 { return digits(microseconds / 1e3) + " ms" }
    return digits(microseconds) + (unicode ? " µs" : " us")
  }

  private static func digits(_ value: Double) -> String {
    var text = fixed(value, value >= 100 ? 0 : value >= 10 ? 1 : 2)
    if text.contains(".") {
      while text.hasSuffix("0") { text.removeLast() }
      if text.hasSuffix(".") { text.removeLast() }
    }
    return text
  }
}

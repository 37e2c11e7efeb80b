/// Sizes as people write them. As in Kubernetes, K M G T count in thousands and Ki Mi Gi Ti in 1024s; a final B changes
/// nothing.
package enum ByteSize {
  private static let letters = "kmgt"

  /// Nil for what is not a size or does not fit. Fractions of a byte are cut off.
  package static func parse(_ text: String) -> Int? {
    let number = text.prefix { $0 == "." || ($0.isASCII && $0.isNumber) }
    guard let factor = factor(of: text.dropFirst(number.count)) else { return nil }
    let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first.flatMap(DecimalDigits.parse) else { return nil }
    var bytes = UInt128(whole) * factor
    if parts.count == 2 {
      guard let fraction = DecimalDigits.parse(parts[1]) else { return nil }
      // Digits that parsed are few enough for the power to fit, unless they are zeros without end.
      guard parts[1].count <= 18 else { return nil }
      bytes += UInt128(fraction) * factor / parts[1].reduce(1) { power, _ in power * 10 }
    }
    return Int(exactly: bytes)
  }

  /// One decimal at most, in 1024s: `1.5 GiB`.
  package static func text(_ bytes: Int) -> String {
    precondition(bytes >= 0, "a size is not negative")
    var tenths = UInt128(bytes) * 10
    var unit = -1
    // Rounding comes first: what would be shown as 1024 is shown in the next unit.
    while tenths >= 10240, unit + 1 < letters.count {
      tenths = (tenths + 512) / 1024
      unit += 1
    }
    guard unit >= 0 else { return "\(bytes) B" }
    let letter = letters.uppercased().dropFirst(unit).prefix(1)
    return tenths % 10 == 0 ? "\(tenths / 10) \(letter)iB" : "\(tenths / 10).\(tenths % 10) \(letter)iB"
  }

  private static func factor(of suffix: Substring) -> UInt128? {
    var unit = Substring(suffix.lowercased())
    if unit.hasPrefix(" ") { unit = unit.dropFirst() }
    if unit.hasSuffix("b") { unit = unit.dropLast() }
    guard let letter = unit.first else { return 1 }
    guard let position = letters.firstIndex(of: letter) else { return nil }
    let power = letters.distance(from: letters.startIndex, to: position) + 1
    switch unit.dropFirst() {
    case "": return (0..<power).reduce(1) { product, _ in product * 1000 }
    case "i": return (0..<power).reduce(1) { product, _ in product * 1024 }
    default: return nil
    }
  }
}

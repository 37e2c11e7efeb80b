/// Short numbers for axes: 0.5, 250 k, 1.5 M.
enum CompactNumber {
  /// One unit and one count of decimals for all of them.
  static func labels(_ values: [Double]) -> [String] {
    let largest = values.map(\.magnitude).max() ?? 0
    let (unit, suffix) = unit(for: largest)
    let decimals = (0...6).first { decimals in
      values.allSatisfy { value in isWhole(value / unit, decimals) }
    }
    return values.map { $0 == 0 ? "0" : fixed($0 / unit, decimals ?? 6) + suffix }
  }

  /// Three significant digits.
  static func text(_ value: Double) -> String {
    let (unit, suffix) = unit(for: value.magnitude)
    let shown = value / unit
    return fixed(shown, shown.magnitude >= 100 ? 0 : shown.magnitude >= 10 ? 1 : 2) + suffix
  }

  private static func unit(for value: Double) -> (Double, String) {
    if value >= 999_500 { return (1e6, " M") }
    return value >= 9_995 ? (1e3, " k") : (1, "")
  }

  private static func isWhole(_ value: Double, _ decimals: Int) -> Bool {
    var scaled = value
    for _ in 0..<decimals { scaled *= 10 }
    return (scaled - scaled.rounded()).magnitude < 1e-6 * max(1, scaled.magnitude)
  }
}

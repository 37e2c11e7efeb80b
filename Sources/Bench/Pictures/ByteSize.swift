/// A count of bytes as it would be typed: 4 KiB, 1.5 MiB, 4097 B.
enum ByteSize {
  static func text(_ bytes: Int) -> String {
    for (unit, name) in [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")] where bytes >= unit {
      let parts = Double(bytes) / Double(unit)
      let decimals = (0...2).first { fixed(parts, $0).isExactly(parts) } ?? 2
      return fixed(parts, decimals) + " " + name
    }
    return "\(bytes) B"
  }
}

extension String {
  fileprivate func isExactly(_ value: Double) -> Bool { Double(self) == value }
}

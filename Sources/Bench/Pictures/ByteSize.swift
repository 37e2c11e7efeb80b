/// A count of bytes as one would type it: 4 KiB, 1.5 MiB, 4097 B.
enum ByteSize {
  static func text(_ bytes: Int) -> String {
    for (unit, name) in [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")] where bytes >= unit {
      let parts = Double(bytes) / Double(unit)
      let decimals = (0...2).first { fixed(parts, $0).isExactly(parts) } ?? 2
      return fixed(parts, decimals) + " " + name
    }
    return "\(bytes) B"
  }

  /// For axes, which have little room: 4K, 1.5M, 100.
  static func short(_ bytes: Int) -> String {
    let parts = text(bytes).split(separator: " ")
    return String(parts[0]) + (parts[1] == "B" ? "" : parts[1].prefix(1))
  }
}

extension String {
  fileprivate func isExactly(_ value: Double) -> Bool { Double(self) == value }
}

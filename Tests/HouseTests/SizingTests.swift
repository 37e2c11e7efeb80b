import Testing

/// What the document on sizing says of models is what its formula makes of their numbers.
@Suite
struct SizingTests {
  @Test func theTableIsTheFormula() throws {
    let rows = try SourceTree.document("docs/OPERATING.md").split(separator: "\n").map { line in
      line.split(separator: "|").map { $0.trimmingSpaces }
    }.filter { $0.count == 7 && Int($0[1]) != nil }
    #expect(rows.count > 10)
    for row in rows {
      let layers = Double(row[1])!
      let numbers = row[3].split(separator: " ").compactMap { Double($0) }
      // Keys and values, or one latent for both; two bytes a number.
      let perLayer = Double(row[2]).map { 2 * $0 * numbers[0] } ?? numbers.reduce(0, +)
      let bytes = layers * perLayer * 2
      #expect(Self.isNear(row[4], bytes / 1024, "KiB"), "\(row[0])")
      #expect(Self.isNear(row[5], bytes * 256 / 1_048_576, "MiB"), "\(row[0])")
      let tokens = Double(row[6].filter { $0 != "," }) ?? 0
      #expect((0..<1000).contains(100 * 1_073_741_824 / bytes - tokens), "\(row[0])")
    }
  }

  private static func isNear(_ text: String, _ value: Double, _ unit: String) -> Bool {
    let words = text.split(separator: " ")
    guard words.count == 2, words[1] == unit, let number = Double(words[0]) else { return false }
    return abs(number - value) <= 0.05
  }
}

extension Substring {
  fileprivate var trimmingSpaces: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}

/// The line that shows the progress of a run, cut to the width of the terminal.
struct LiveLine {
  /// Columns of the terminal.
  var width: Int
  var isColored: Bool
  var hasUnicode: Bool

  private static let barWidthMax = 24
  private static let barWidthMin = 8

  /// Contains nothing that moves the cursor.
  func text(_ progress: Progress) -> String {
    let room = width - 1  // a full line makes some terminals begin the next one
    var parts = figures(progress)
    var spare = room - Self.width(of: parts) - 2
    // The least important parts are dropped first; throughput stays.
    for least in [Part.Kind.case, .operations, .percent, .most99, .target] where Self.width(of: parts) > room {
      parts.removeAll { $0.kind == least }
      spare = 0
    }
    let line = parts.map { painted($0) }.joined(separator: "  ")
    guard Self.width(of: parts) <= room else {
      return String(parts.map(\.text).joined(separator: "  ").prefix(max(room, 0)))
    }
    guard spare >= Self.barWidthMin else { return line }
    return bar(progress.totalFraction, width: min(spare, Self.barWidthMax)) + "  " + line
  }

  private struct Part {
    enum Kind { case percent, `case`, target, throughput, operations, most99 }

    let kind: Kind
    let text: String
  }

  private func figures(_ progress: Progress) -> [Part] {
    let percent = Int((min(max(progress.totalFraction, 0), 1) * 100).rounded(.down))
    var parts = [Part(kind: .percent, text: padded("\(percent) %", to: 5))]
    parts.append(Part(kind: .case, text: Printable.text(progress.caseTitle)))
    parts.append(Part(kind: .target, text: Printable.text(progress.targetLabel)))
    switch progress.phase {
    case .connecting: parts.append(Part(kind: .throughput, text: "connecting"))
    case .storing: parts.append(Part(kind: .throughput, text: "storing values"))
    case .warming: parts.append(Part(kind: .throughput, text: "warming up"))
    case .measuring:
      parts.append(Part(kind: .throughput, text: padded(fixed(progress.gibibytesPerSecond, 2), to: 5) + " GiB/s"))
      let operations = CompactNumber.text(progress.operationsPerSecond)
      parts.append(Part(kind: .operations, text: padded(operations, to: 6) + " op/s"))
      let slow = progress.most99 > 0 ? DurationText.of(progress.most99 / 1000, unicode: hasUnicode) : "-"
      parts.append(Part(kind: .most99, text: "p99 " + padded(slow, to: 7)))
    }
    return parts
  }

  private func bar(_ fraction: Double, width: Int) -> String {
    let filled = Int((min(max(fraction, 0), 1) * Double(width)).rounded())
    let done = String(repeating: hasUnicode ? "━" : "#", count: filled)
    let left = String(repeating: hasUnicode ? "─" : "-", count: width - filled)
    return isColored ? "\u{1B}[34m\(done)\u{1B}[90m\(left)\u{1B}[0m" : done + left
  }

  private func painted(_ part: Part) -> String {
    isColored && part.kind == .throughput ? "\u{1B}[1m\(part.text)\u{1B}[0m" : part.text
  }

  private static func width(of parts: [Part]) -> Int {
    parts.reduce(0) { $0 + $1.text.count } + 2 * max(parts.count - 1, 0)
  }
}

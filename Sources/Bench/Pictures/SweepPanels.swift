/// A column of panels for each group of a sweep. The panels of a row share their axes, to be comparable, unless that
/// leaves one of them flat.
struct SweepPanels {
  private let sweep: Sweep

  init(_ sweep: Sweep) { self.sweep = sweep }

  func rows() -> [[Picture.Panel]] { [throughput(), latency(), cost()].compactMap { $0 } }

  private var all: [Case] { sweep.groups.flatMap(\.cases) }
  private var x: Axis { sweep.dimension.axis(all.compactMap(sweep.dimension.value)) }

  private func throughput() -> [Picture.Panel]? {
    let movesBytes = all.allSatisfy {
      $0.beside == nil && $0.results.allSatisfy { $0.rounds.contains { $0.bytes > 0 } }
    }
    func value(_ target: TargetResult) -> Spread? {
      movesBytes ? target.gibibytesPerSecond : target.operationsPerSecond
    }
    let drawn = sweep.groups.map { group in
      lines(of: group) { value($0).map { ($0.median, $0.least...$0.most) } }
    }
    let unit = movesBytes ? "GiB/s" : "operations a second"
    return panels("Throughput over \(sweep.dimension.title)", drawn, axes(drawn) { .fromZero(unit, $0) })
  }

  private func latency() -> [Picture.Panel]? {
    let drawn = sweep.groups.map { group in
      lines(of: group) { target -> (Double, ClosedRange<Double>?)? in
        guard target.latencies.total > 0 else { return nil }
        let half = target.latencies.percentile(0.5) / 1000
        return (half, half...max(half, target.latencies.percentile(0.99) / 1000))
      }
    }
    guard drawn.contains(where: { !$0.isEmpty }) else { return nil }
    return panels(
      "Latency over \(sweep.dimension.title)", drawn, axes(drawn) { .durations("p50, with a bar up to p99", $0) })
  }

  /// Only if the servers' processes are known.
  private func cost() -> [Picture.Panel]? {
    let perByte = all.allSatisfy { $0.results.allSatisfy { $0.rounds.contains { $0.bytes > 0 } } }
    let drawn = sweep.groups.map { group in
      lines(of: group) { target -> (Double, ClosedRange<Double>?)? in
        let spent = perByte ? target.serverSecondsPerGibibyte : target.serverMicrosecondsPerOperation
        return spent.map { ($0.median, $0.least...$0.most) }
      }
    }
    guard drawn.contains(where: { !$0.isEmpty }) else { return nil }
    let unit = perByte ? "processor seconds a GiB" : "processor µs an operation"
    return panels("Cost at the server", drawn, axes(drawn) { .amounts(unit, $0) })
  }

  /// One line a target over the cases of a group; a case without a value is a gap.
  private func lines(
    of group: Sweep.Group, value: (TargetResult) -> (Double, ClosedRange<Double>?)?
  ) -> [Line] {
    let count = group.cases.map(\.results.count).max() ?? 0
    return (0..<count).compactMap { index in
      let points = group.cases.compactMap { one -> Line.Point? in
        guard one.results.indices.contains(index), let x = sweep.dimension.value(of: one),
          let (y, spread) = value(one.results[index]), y.isFinite
        else { return nil }
        return Line.Point(x: x, y: y, spread: spread)
      }
      guard let name = group.cases.first(where: { $0.results.indices.contains(index) })?.results[index].label,
        !points.isEmpty
      else { return nil }
      return Line(label: name, style: index, stretches: [points])
    }
  }

  private func panels(_ title: String, _ lines: [[Line]], _ axes: [Axis]) -> [Picture.Panel] {
    zip(sweep.groups, zip(lines, axes)).map { group, drawn in
      let title = group.title.isEmpty ? title : "\(title): \(group.title)"
      return .lines(LinePanel(title: title, x: x, y: drawn.1, lines: drawn.0))
    }
  }

  private static let sharedFactorMax = 4.0

  private func axes(_ lines: [[Line]], make: ([Double]) -> Axis) -> [Axis] {
    let shared = make(Self.heights(lines))
    let tops = lines.compactMap { Self.heights([$0]).max() }
    guard shared.scale == .linear, let low = tops.min(), let high = tops.max(), high > Self.sharedFactorMax * low else {
      return lines.map { _ in shared }
    }
    return lines.map { make(Self.heights([$0])) }
  }

  private static func heights(_ lines: [[Line]]) -> [Double] {
    lines.joined().flatMap(\.points).flatMap { [$0.y, $0.spread?.lowerBound ?? $0.y, $0.spread?.upperBound ?? $0.y] }
  }
}

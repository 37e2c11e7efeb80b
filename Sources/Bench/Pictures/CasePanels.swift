import Glibc

/// The panels of one case: speed, percentiles of latency, and latency over time.
struct CasePanels {
  private let result: Case
  private let prefix: String

  init(_ result: Case, among cases: [Case]) {
    self.result = result
    let own = Self.words(result).filter { word in !cases.allSatisfy { Self.words($0).contains(word) } }
    prefix = own.isEmpty ? "" : own.joined(separator: ", ") + ": "
  }

  private static func words(_ one: Case) -> [String] { [CaseTitle.workload(one)] + CaseTitle.parameters(one) }

  func panels() -> [Picture.Panel] {
    guard !result.results.isEmpty else { return [] }
    return [.bars(speed()), percentiles().map { .lines($0) }, overTime().map { .lines($0) }].compactMap { $0 }
  }

  private func speed() -> BarPanel {
    let movesBytes = result.beside == nil && result.results.contains { $0.rounds.contains { $0.bytes > 0 } }
    let bars = result.results.enumerated().map { index, target in
      let speed = movesBytes ? target.gibibytesPerSecond : target.operationsPerSecond
      return BarPanel.Bar(
        label: target.label, style: index, value: speed?.median ?? 0, spread: speed.map { $0.least...$0.most },
        text: speed.map { CompactNumber.text($0.median) } ?? "nothing")
    }
    return BarPanel(title: prefix + "Throughput", unit: movesBytes ? "GiB/s" : "operations a second", bars: bars)
  }

  private func percentiles() -> LinePanel? {
    let measured = result.results.enumerated().filter { $0.element.latencies.total > 0 }
    guard !measured.isEmpty else { return nil }
    let most = measured.map { Self.lastShare(of: $0.element.latencies) }.max() ?? 0.99
    let lines = measured.map { index, target in
      Line(label: target.label, style: index, stretches: [Self.curve(target.latencies)])
    }
    return LinePanel(
      title: prefix + "Latency percentiles", x: .shares(upTo: most),
      y: .durations("latency", lines.flatMap { $0.points.map(\.y) }), lines: lines)
  }

  /// Points 0.05 nines apart, with marks at the percentiles in reports.
  private static func curve(_ latencies: Latencies) -> [Line.Point] {
    let last = lastShare(of: latencies)
    let plain = stride(from: 0.0, to: -log10(1 - last), by: 0.05).map { 1 - pow(10, -$0) }
    let marked = Percentile.reported.map(\.share).filter { $0 <= last }
    let shares = Set(plain + marked + [last]).sorted()
    let fastest = 1 / Double(latencies.total)
    return shares.map { share in
      let nanoseconds = share == last ? Double(latencies.largest) : latencies.percentile(max(share, fastest))
      return Line.Point(x: share, y: nanoseconds / 1000, isMarked: marked.contains(share))
    }
  }

  /// The slowest of n requests stands for a share of 1/n.
  private static func lastShare(of latencies: Latencies) -> Double {
    min(1 - 1 / Double(max(latencies.total, 2)), 0.999_999)
  }

  private func overTime() -> LinePanel? {
    let timelines = result.results.map(\.timeline)
    guard timelines.contains(where: { $0.points.count > 1 }) else { return nil }
    let lines = result.results.count == 1 ? alone(timelines[0]) : together()
    let seconds = timelines.flatMap { $0.points.map(\.seconds) }
    let interval = DurationText.of((timelines.map(\.pointSeconds).max() ?? 0) * 1e6)
    let what = lines.count > 1 && result.results.count == 1 ? "latency" : "p99"
    return LinePanel(
      title: prefix + "Latency over time", x: .fromZero("seconds of this target's rounds", seconds),
      y: .durations("\(what) in each \(interval)", lines.flatMap { $0.points.map(\.y) }), lines: lines)
  }

  private func together() -> [Line] {
    result.results.enumerated().map { index, target in
      Line(label: target.label, style: index, stretches: Self.stretches(target.timeline) { $0.most99 })
    }
  }

  private func alone(_ timeline: Timeline) -> [Line] {
    let ways: [(String, (Timeline.Point) -> Double)] = [
      ("p99", { $0.most99 }), ("p50", { $0.half }), ("max", { $0.largest }),
    ]
    return ways.enumerated().map { index, way in
      Line(label: way.0, style: index, stretches: Self.stretches(timeline, way.1), isFaint: way.0 == "max")
    }
  }

  /// Intervals in which nothing ended have no latency: the line has a gap.
  private static func stretches(_ timeline: Timeline, _ value: (Timeline.Point) -> Double) -> [[Line.Point]] {
    var stretches: [[Line.Point]] = [[]]
    for point in timeline.points {
      if point.operations > 0, value(point) > 0 {
        stretches[stretches.count - 1].append(
          Line.Point(x: point.seconds, y: value(point) / 1000, isMarked: false))
      } else if !stretches[stretches.count - 1].isEmpty {
        stretches.append([])
      }
    }
    return stretches.filter { !$0.isEmpty }.map { stretch in
      // A single point makes no line.
      stretch.count > 1 ? stretch : [Line.Point(x: stretch[0].x, y: stretch[0].y)]
    }
  }
}

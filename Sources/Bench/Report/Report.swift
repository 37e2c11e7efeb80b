/// A case for people: its load, then speed, latency, cost and the result of a session, each a small table that fits a
/// terminal, then what makes the figures doubtful.
struct Report {
  let result: Case

  /// Beyond this share of a core the client may be what was measured.
  private static let clientBusyPercentMax = 90.0

  func text() -> String {
    var parts = [CaseTitle.full(result), speed()]
    if result.results.contains(where: { $0.latencies.total > 0 }) { parts.append(latency()) }
    parts.append(cost())
    if result.results.contains(where: { $0.session != nil }) { parts.append(session()) }
    let doubts = notes()
    if !doubts.isEmpty { parts.append(doubts.joined(separator: "\n")) }
    return parts.joined(separator: "\n\n")
  }

  private func name(_ target: TargetResult) -> String {
    Printable.text(target.label) + (isClientBound(target) ? " *" : "")
  }

  private func speed() -> String {
    var table = TextTable(["speed", "GiB/s", "min-max", "op/s", "min-max", "ratio", "min-max"])
    for target in result.results {
      let moved = target.rounds.contains { $0.bytes > 0 } ? target.gibibytesPerSecond : nil
      let operations = target.operationsPerSecond
      let decimals = (operations?.median ?? 0) < 100 ? 1 : 0
      let ratio = target.ratio(to: result.results[0])
      table.add(
        [name(target)] + Self.cells(moved, 2) + Self.cells(operations, decimals) + Self.cells(ratio, 2))
    }
    return table.text()
  }

  private func latency() -> String {
    var table = TextTable(["latency"] + Percentile.reported.map(\.name) + ["max"])
    for target in result.results {
      let latencies = target.latencies
      add(latencies, as: name(target), to: &table)
      let operations = Operation.allCases.filter { target.latenciesByOperation[$0.rawValue].total > 0 }
      // A single operation would only repeat the line above.
      for operation in operations where operations.count > 1 {
        add(target.latenciesByOperation[operation.rawValue], as: "  \(operation.name)", to: &table)
      }
    }
    return table.text()
  }

  private func add(_ latencies: Latencies, as name: String, to table: inout TextTable) {
    guard latencies.total > 0 else { return table.add([name] + table.header.dropFirst().map { _ in "-" }) }
    let slow = Percentile.reported.map { DurationText.of(latencies.percentile($0.share) / 1000) }
    table.add([name] + slow + [DurationText.of(Double(latencies.largest) / 1000)])
  }

  private func cost() -> String {
    var table = TextTable(["cost", "srv s/GiB", "srv us/op", "srv %", "client %", "others %", "RSS MiB", "misses"])
    for target in result.results {
      table.add([
        name(target), Self.middle(target.serverSecondsPerGibibyte, 4),
        Self.middle(target.serverMicrosecondsPerOperation, 2), Self.middle(target.serverBusyPercent, 0),
        Self.middle(target.clientBusyPercent, 0), Self.middle(target.othersBusyPercent, 0),
        target.serverResidentBytes.map { "\($0 >> 20)" } ?? "-", "\(target.misses)",
      ])
    }
    return table.text()
  }

  private func session() -> String {
    var table = TextTable(
      ["session", "usable prefix", "prompts", "EXIST", "GET", "PUT", "lost", "loading p50", "p99"])
    for target in result.results {
      guard let outcome = target.session else { continue }
      table.add(
        [name(target), fixed(outcome.usablePrefixHitRatio * 100, 1) + " %", "\(outcome.requests)"]
          + [outcome.exists, outcome.gets, outcome.puts, outcome.lostAfterExist].map(String.init)
          + [0.5, 0.99].map { Self.duration(outcome.loading, $0) })
    }
    return table.text()
  }

  private func notes() -> [String] {
    var notes: [String] = []
    if result.results.contains(where: isClientBound) {
      notes.append(
        "* the client was busy for more than \(fixed(Self.clientBusyPercentMax, 0)) % of a core: it may be what was measured"
      )
    }
    for target in result.results {
      let name = Printable.text(target.label)
      if target.errors > 0 { notes.append("! \(name): \(target.errors) requests were answered with an error") }
      if target.unsent > 0 {
        notes.append(
          "! \(name): \(target.unsent) requests were due and found no connection free; the rate is more than it can serve"
        )
      }
    }
    return notes
  }

  private func isClientBound(_ target: TargetResult) -> Bool {
    (target.clientBusyPercent?.median ?? 0) > Self.clientBusyPercentMax * Double(max(result.threads, 1))
  }

  private static func cells(_ spread: Spread?, _ decimals: Int) -> [String] {
    guard let spread else { return ["-", "-"] }
    return [fixed(spread.median, decimals), "\(fixed(spread.least, decimals))-\(fixed(spread.most, decimals))"]
  }

  private static func duration(_ latencies: Latencies, _ share: Double) -> String {
    latencies.total == 0 ? "-" : DurationText.of(latencies.percentile(share) / 1000)
  }

  private static func middle(_ spread: Spread?, _ decimals: Int) -> String {
    spread.map { fixed($0.median, decimals) } ?? "-"
  }
}

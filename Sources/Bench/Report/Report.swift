/// Summaries as a table for people or as JSON lines for scripts.
enum Report {
  static func table(_ result: Case) -> String {
    let header = [
      "target", "GiB/s (min-max)", "op/s (min-max)", "ratio (min-max)", "p50 us", "p99 us", "max us", "srv s/GiB",
      "srv us/op", "srv %", "client %", "others %", "RSS MiB", "misses",
    ]
    let rows = [header] + result.results.map { row($0, first: result.results[0]) }
    let widths = header.indices.map { column in rows.map { $0[column].count }.max()! }
    let lines = rows.map { row in
      row.indices.map { padded(row[$0], to: widths[$0], left: $0 == 0) }.joined(separator: "  ")
    }
    return ([title(result)] + lines).joined(separator: "\n")
  }

  static func json(_ result: Case) -> String {
    result.results.map { line($0, of: result) }.joined(separator: "\n")
  }

  private static func line(_ summary: TargetResult, of result: Case) -> String {
    var fields: [(String, String)] = [
      ("command", "\"\(result.workload.rawValue)\""), ("target", "\"\(summary.label)\""),
      ("size", "\(result.sizes.largest)"), ("connections", "\(result.connections)"), ("depth", "\(result.depth)"),
      ("keys", "\(result.keys)"), ("rounds", "\(summary.rounds.count)"),
    ]
    add("gib_s", summary.gibibytesPerSecond, 4, to: &fields)
    add("ops_s", summary.operationsPerSecond, 1, to: &fields)
    add("ratio", summary.ratio(to: result.results[0]), 4, to: &fields)
    fields.append(("p50_us", fixed(summary.latencies.percentile(0.5) / 1000, 2)))
    fields.append(("p99_us", fixed(summary.latencies.percentile(0.99) / 1000, 2)))
    fields.append(("max_us", fixed(Double(summary.latencies.largest) / 1000, 2)))
    add("client_busy_pct", summary.clientBusyPercent, 1, to: &fields)
    add("server_busy_pct", summary.serverBusyPercent, 1, to: &fields)
    add("others_busy_pct", summary.othersBusyPercent, 1, to: &fields)
    add("server_s_per_gib", summary.serverSecondsPerGibibyte, 5, to: &fields)
    add("server_us_per_op", summary.serverMicrosecondsPerOperation, 4, to: &fields)
    if let memory = summary.serverResidentBytes { fields.append(("server_rss_mib", "\(memory >> 20)")) }
    fields.append(("misses", "\(summary.misses)"))
    return "{" + fields.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
  }

  private static func title(_ result: Case) -> String {
    let beside = result.beside.map { ", beside \($0.connections) connections that \($0.operation.name)" } ?? ""
    let rounds = result.results.first?.rounds.count ?? 0
    return "\(result.workload.rawValue): \(result.sizes.largest) bytes, \(result.connections) connections\(beside), "
      + "depth \(result.depth), \(result.keys) keys, \(rounds) rounds"
  }

  private static func row(_ summary: TargetResult, first: TargetResult) -> [String] {
    [
      summary.label, text(summary.gibibytesPerSecond, 2), text(summary.operationsPerSecond, 0),
      text(summary.ratio(to: first), 2), fixed(summary.latencies.percentile(0.5) / 1000, 1),
      fixed(summary.latencies.percentile(0.99) / 1000, 1), fixed(Double(summary.latencies.largest) / 1000, 1),
      median(summary.serverSecondsPerGibibyte, 4), median(summary.serverMicrosecondsPerOperation, 2),
      median(summary.serverBusyPercent, 0), median(summary.clientBusyPercent, 0),
      median(summary.othersBusyPercent, 0), summary.serverResidentBytes.map { "\($0 >> 20)" } ?? "-",
      "\(summary.misses)",
    ]
  }

  private static func text(_ spread: Spread?, _ decimals: Int) -> String {
    guard let spread else { return "-" }
    let ends = "\(fixed(spread.least, decimals))-\(fixed(spread.most, decimals))"
    return "\(fixed(spread.median, decimals)) (\(ends))"
  }

  private static func median(_ spread: Spread?, _ decimals: Int) -> String {
    spread.map { fixed($0.median, decimals) } ?? "-"
  }

  private static func add(_ name: String, _ spread: Spread?, _ decimals: Int, to fields: inout [(String, String)]) {
    guard let spread else { return }
    fields.append((name, fixed(spread.median, decimals)))
    fields.append((name + "_min", fixed(spread.least, decimals)))
    fields.append((name + "_max", fixed(spread.most, decimals)))
  }
}

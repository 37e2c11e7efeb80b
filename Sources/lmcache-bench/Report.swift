/// Summaries as a table for people or as JSON lines for scripts.
enum Report {
  static func table(_ summaries: [Summary], _ options: Options) -> String {
    let header = [
      "target", "GiB/s (min-max)", "op/s (min-max)", "ratio (min-max)", "p50 us", "p99 us", "max us", "srv s/GiB",
      "srv us/op", "srv %", "client %", "others %", "RSS MiB", "misses",
    ]
    let rows = [header] + summaries.map(row)
    let widths = header.indices.map { column in rows.map { $0[column].count }.max()! }
    let lines = rows.map { row in
      row.indices.map { padded(row[$0], to: widths[$0], left: $0 == 0) }.joined(separator: "  ")
    }
    return ([title(options)] + lines).joined(separator: "\n")
  }

  static func json(_ summary: Summary, _ options: Options) -> String {
    var fields: [(String, String)] = [
      ("command", "\"\(options.command.rawValue)\""), ("target", "\"\(summary.target)\""),
      ("size", "\(options.valueBytes)"), ("connections", "\(options.connections)"), ("depth", "\(options.depth)"),
      ("keys", "\(options.keys)"), ("rounds", "\(options.rounds)"),
    ]
    add("gib_s", summary.gibibytesPerSecond, 4, to: &fields)
    add("ops_s", summary.operationsPerSecond, 1, to: &fields)
    add("ratio", summary.ratio, 4, to: &fields)
    fields.append(("p50_us", fixed(summary.latencyHalf, 2)))
    fields.append(("p99_us", fixed(summary.latencyMost99, 2)))
    fields.append(("max_us", fixed(summary.latencyMax, 2)))
    add("client_busy_pct", summary.clientBusyPercent, 1, to: &fields)
    add("server_busy_pct", summary.serverBusyPercent, 1, to: &fields)
    add("others_busy_pct", summary.othersBusyPercent, 1, to: &fields)
    add("server_s_per_gib", summary.serverSecondsPerGibibyte, 5, to: &fields)
    add("server_us_per_op", summary.serverMicrosecondsPerOperation, 4, to: &fields)
    if let memory = summary.serverResidentMebibytes { fields.append(("server_rss_mib", "\(memory)")) }
    fields.append(("misses", "\(summary.misses)"))
    return "{" + fields.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
  }

  private static func title(_ options: Options) -> String {
    let beside =
      options.command == .existBeside
      ? ", beside \(options.bulkConnections) connections that \(options.bulkCommand.rawValue)" : ""
    let connections = options.command == .existBeside ? 1 : options.connections
    return "\(options.command.rawValue): \(options.valueBytes) bytes, \(connections) connections\(beside), "
      + "depth \(options.depth), \(options.keys) keys, \(options.rounds) rounds"
  }

  private static func row(_ summary: Summary) -> [String] {
    [
      summary.target, text(summary.gibibytesPerSecond, 2), text(summary.operationsPerSecond, 0),
      text(summary.ratio, 2), fixed(summary.latencyHalf, 1), fixed(summary.latencyMost99, 1),
      fixed(summary.latencyMax, 1), median(summary.serverSecondsPerGibibyte, 4),
      median(summary.serverMicrosecondsPerOperation, 2), median(summary.serverBusyPercent, 0),
      median(summary.clientBusyPercent, 0), median(summary.othersBusyPercent, 0),
      summary.serverResidentMebibytes.map { "\($0)" } ?? "-",
      "\(summary.misses)",
    ]
  }

  private static func text(_ spread: Spread, _ decimals: Int) -> String {
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

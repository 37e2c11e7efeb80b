/// A run as data: the only source of the names in `--json` and of the columns in `--csv`. docs/BENCH.md lists them; a
/// published name keeps its meaning, and `format` counts up when one has to change.
enum Document {
  static let format = 1

  static func of(_ run: Run) -> JSONValue {
    .object([
      ("format", .whole(format)),
      ("tool", .text("lmcache-bench")),
      ("version", .text(run.environment.version)),
      ("command_line", .list(run.commandLine.map { .text($0) })),
      ("environment", environment(run.environment)),
      ("cases", .list(run.cases.map { .object(fields(of: $0) + [("results", results(of: $0))]) })),
    ])
  }

  /// The description of a case.
  static func fields(of one: Case) -> [(String, JSONValue)] {
    [
      ("workload", .text(one.workload.rawValue)),
      ("size_bytes", .number(one.sizes.mean, decimals: 0)),
      ("size_bytes_max", .whole(one.sizes.largest)),
      ("connections", .whole(one.connections)),
      ("depth", .whole(one.depth)),
      ("threads", .whole(one.threads)),
      ("keys", .whole(one.keys)),
      ("arrivals_per_s", one.arrivalsPerSecond.map { .number($0, decimals: 3) } ?? .null),
      ("model", one.model.map { .text($0) } ?? .null),
      ("mix", mix(one.mix)),
      (
        "beside",
        .object([
          ("workload", one.beside.map { .text($0.operation.name) } ?? .null),
          ("connections", one.beside.map { .whole($0.connections) } ?? .null),
        ])
      ),
    ]
  }

  /// The figures of one target, except those over time.
  static func fields(of result: TargetResult, against first: TargetResult) -> [(String, JSONValue)] {
    [
      ("target", .text(result.label)),
      ("address", .text(result.address)),
      ("dialect", .text(result.dialect.rawValue)),
      ("server_version", result.version.map { .text($0) } ?? .null),
      ("gib_s", spread(result.gibibytesPerSecond, 4)),
      ("ops_s", spread(result.operationsPerSecond, 2)),
      ("ratio", spread(result.ratio(to: first), 4)),
      ("latency_us", latencies(result.latencies)),
      (
        "latency_by_operation_us",
        .object(Operation.allCases.map { ($0.name, latencies(result.latenciesByOperation[$0.rawValue])) })
      ),
      ("server_s_per_gib", spread(result.serverSecondsPerGibibyte, 5)),
      ("server_us_per_op", spread(result.serverMicrosecondsPerOperation, 4)),
      ("server_busy_pct", spread(result.serverBusyPercent, 1)),
      ("server_rss_bytes", result.serverResidentBytes.map { .whole($0) } ?? .null),
      ("client_busy_pct", spread(result.clientBusyPercent, 1)),
      ("others_busy_pct", spread(result.othersBusyPercent, 1)),
      ("misses", .whole(result.misses)),
      ("errors", .whole(result.errors)),
      ("late", .whole(result.late)),
      ("unsent", .whole(result.unsent)),
      ("session", session(result.session)),
    ]
  }

  private static func results(of one: Case) -> JSONValue {
    .list(
      one.results.map { result in
        .object(
          fields(of: result, against: one.results[0]) + [
            ("rounds", .list(result.rounds.map(round))), ("timeline", timeline(result.timeline)),
          ])
      })
  }

  private static func environment(_ environment: Environment) -> JSONValue {
    .object([
      ("date", .text(environment.date)),
      ("kernel", .text(environment.kernel)),
      ("processor", .text(environment.processor)),
      ("cores", .whole(environment.cores)),
      ("memory_bytes", .whole(environment.memoryBytes)),
      ("virtual", .flag(environment.isVirtual)),
    ])
  }

  private static func mix(_ mix: OperationMix?) -> JSONValue {
    .object([
      ("get", mix.map { .whole($0.get) } ?? .null),
      ("put", mix.map { .whole($0.put) } ?? .null),
      ("exist", mix.map { .whole($0.exist) } ?? .null),
    ])
  }

  /// The same fields whether measured or not, so that scripts and tables find the same names.
  private static func spread(_ spread: Spread?, _ decimals: Int) -> JSONValue {
    .object([
      ("median", spread.map { .number($0.median, decimals: decimals) } ?? .null),
      ("min", spread.map { .number($0.least, decimals: decimals) } ?? .null),
      ("max", spread.map { .number($0.most, decimals: decimals) } ?? .null),
    ])
  }

  private static func latencies(_ measured: Latencies?) -> JSONValue {
    let latencies = measured ?? Latencies()
    func microseconds(_ nanoseconds: Double) -> JSONValue {
      latencies.total == 0 ? .null : .number(nanoseconds / 1000, decimals: 2)
    }
    let shares = Percentile.reported.map { ($0.fieldName, microseconds(latencies.percentile($0.share))) }
    return .object(
      [("count", .whole(latencies.total)), ("mean", microseconds(latencies.mean))] + shares
        + [("max", microseconds(Double(latencies.largest)))])
  }

  private static func session(_ outcome: SessionOutcome?) -> JSONValue {
    func whole(_ count: Int?) -> JSONValue { count.map { .whole($0) } ?? .null }
    return .object([
      ("usable_prefix_hit_ratio", outcome.map { .number($0.usablePrefixHitRatio, decimals: 5) } ?? .null),
      ("requests", whole(outcome?.requests)),
      ("tokens_requested", whole(outcome?.tokensRequested)),
      ("tokens_hit", whole(outcome?.tokensHit)),
      ("exists", whole(outcome?.exists)),
      ("gets", whole(outcome?.gets)),
      ("puts", whole(outcome?.puts)),
      ("lost_after_exist", whole(outcome?.lostAfterExist)),
      ("loading_us", latencies(outcome?.loading)),
    ])
  }

  private static func round(_ round: Round) -> JSONValue {
    .object([
      ("seconds", .number(round.seconds, decimals: 4)),
      ("operations", .whole(round.operations)),
      ("bytes", .whole(round.bytes)),
      ("misses", .whole(round.misses)),
      ("errors", .whole(round.errors)),
      ("late", .whole(round.late)),
      ("unsent", .whole(round.unsent)),
      ("server_s", round.serverSeconds.map { .number($0, decimals: 4) } ?? .null),
      ("client_s", .number(round.clientSeconds, decimals: 4)),
      ("server_rss_bytes", round.serverResidentBytes.map { .whole($0) } ?? .null),
    ])
  }

  private static func timeline(_ timeline: Timeline) -> JSONValue {
    .object([
      ("point_s", .number(timeline.pointSeconds, decimals: 4)),
      (
        "points",
        .list(
          timeline.points.map { point in
            .object([
              ("s", .number(point.seconds, decimals: 3)), ("operations", .whole(point.operations)),
              ("bytes", .whole(point.bytes)), ("p50_us", .number(point.half / 1000, decimals: 1)),
              ("p99_us", .number(point.most99 / 1000, decimals: 1)),
              ("max_us", .number(point.largest / 1000, decimals: 1)),
            ])
          })
      ),
    ])
  }
}

import Store

/// What is held and used by model, by tag and by client: a row for each name that has a place, one for all others, and one for
/// chunks without a name.
enum UsageFamilies {
  private typealias Labels = [(name: String, value: String)]

  static func parts(of store: Store) -> [() -> [MetricFamily]] {
    [
      { common("model", "a model", store.usage(of: .model)) { [("model", $0.label)] } },
      { common("tag", "a tag of keys (lmcache.tag.*)", store.usage(of: .tag), tagLabels) },
      { common("client", "a client address", store.usage(of: .client)) { [("client", $0.label)] } },
      { clients(store.usage(of: .client)) },
    ]
  }

  /// `name%value` in keys.
  private static func tagLabels(_ row: UsageFigures) -> Labels {
    let parts = row.isNamed ? row.label.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false) : []
    return [("tag", parts.first.map(String.init) ?? row.label), ("value", parts.count > 1 ? String(parts[1]) : "")]
  }

  private static func common(
    _ name: String, _ text: String, _ rows: [UsageFigures], _ labels: (UsageFigures) -> Labels
  ) -> [MetricFamily] {
    func family(
      _ suffix: String, _ kind: MetricFamily.Kind, _ help: String,
      _ samples: (UsageFigures) -> [(Labels, any BinaryInteger)]
    ) -> MetricFamily {
      MetricFamily(
        "\(name)_\(suffix)", kind, help,
        rows.flatMap { row in
          samples(row).map { MetricFamily.Sample(labels: labels(row) + $0.0, value: "\($0.1)") }
        })
    }
    return [
      family("chunks", .gauge, "Chunks held of \(text), by the fastest tier that has them.") {
        [([("tier", "memory")], $0.holdings.chunks), ([("tier", "disk")], $0.holdings.awayChunks)]
      },
      family("bytes", .gauge, "Their bytes.") {
        [([("tier", "memory")], $0.holdings.bytes), ([("tier", "disk")], $0.holdings.awayBytes)]
      },
      family("puts_total", .counter, "Chunks stored of \(text).") { [([], $0[.puts])] },
      family("put_bytes_total", .counter, "Their bytes.") { [([], $0[.putBytes])] },
      family("lookups_total", .counter, "Look-ups of chunks of \(text), by their answer.") {
        [([("outcome", "hit")], $0[.lookupsFound]), ([("outcome", "miss")], $0[.lookupsMissed])]
      },
      family("fetches_total", .counter, "Fetches of chunks of \(text), by what came of them.") {
        [([("outcome", "hit")], $0[.fetchesFound]), ([("outcome", "miss")], $0[.fetchesMissed])]
      },
      family("fetched_bytes_total", .counter, "Bytes of chunks fetched of \(text).") { [([], $0[.fetchedBytes])] },
    ]
  }

  private static func clients(_ rows: [UsageFigures]) -> [MetricFamily] {
    [
      MetricFamily(
        "client_connections", .gauge, "Open connections of a client address that moves chunks.", by: "client",
        rows.map { ($0.label, $0.holdings.connections) }),
      MetricFamily(
        "client_hits_total", .counter,
        "Chunks that a client fetched, by who had stored them; unknown are those of a disk found at the start, and of clients without a row.",
        rows.flatMap { row in
          let known = row[.fetchedOwn] + row[.fetchedOthers]
          let unknown = row[.fetchesFound] > known ? row[.fetchesFound] - known : 0
          return [("self", row[.fetchedOwn]), ("other", row[.fetchedOthers]), ("unknown", unknown)].map {
            MetricFamily.Sample(labels: [("client", row.label), ("stored_by", $0.0)], value: "\($0.1)")
          }
        }),
      MetricFamily(
        "client_read_by_others_total", .counter, "Fetches by other clients of what a client had stored.", by: "client",
        rows.map { ($0.label, $0[.fetchedByOthers]) }),
    ]
  }
}

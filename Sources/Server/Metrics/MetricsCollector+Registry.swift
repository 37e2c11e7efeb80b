import Base
import Registry

/// What the registry knows of itself. Nothing, where there is none.
extension MetricsCollector {
  static func registry(_ server: Server) -> [MetricFamily] {
    guard let registry = server.sharing.registry else { return [] }
    let books = registry.snapshot()
    return [
      .single(
        "lmcache_server_registry_budget_bytes", .gauge, "What the registry's entries may take.", books.budgetBytes),
      .single(
        "lmcache_server_registry_used_bytes", .gauge, "What they take, tables and gaps included.", books.usedBytes),
      .single("lmcache_server_registry_gap_bytes", .gauge, "Of that, what waits to be closed up.", books.gapBytes),
      .single("lmcache_server_registry_entries", .gauge, "Entries held.", books.entries),
      .single(
        "lmcache_server_registry_dropped_total", .counter,
        "Entries that gave way because the registry's budget was spent.", books.droppedTotal),
      MetricFamily(
        name: "lmcache_server_registry_owners", help: "Owners that have entries, by what is known of them.",
        kind: .gauge,
        samples: OwnerState.allCases.map {
          .init(labels: [("state", "\($0.label)")], value: "\(books.owners($0))")
        }),
      counter(server, "lmcache_server_registry_lookups_total", "Keys looked up, by what came of it.", "outcome") {
        (metrics, outcome: LookupOutcome) in (outcome.label, metrics.lookups.value(outcome))
      },
      counter(
        server, "lmcache_server_registry_registrations_total", "Keys entered and removed, by what came of it.",
        "outcome"
      ) {
        (metrics, outcome: RegistrationOutcome) in (outcome.label, metrics.registrations.value(outcome))
      },
      counter(server, "lmcache_server_registry_checks_total", "Looks after owners, by what was found.", "outcome") {
        (metrics, outcome: OwnerCheckOutcome) in (outcome.label, metrics.checks.value(outcome))
      },
    ]
  }

  private static func counter<Label: CaseIterable>(
    _ server: Server, _ name: String, _ help: String, _ label: String,
    _ value: (RegistryMetrics, Label) -> (StaticString, UInt64)
  ) -> MetricFamily {
    MetricFamily(
      name: name, help: help, kind: .counter,
      samples: Label.allCases.map { outcome in
        let values = server.workers.map { value($0.registryMetrics, outcome) }
        return .init(
          labels: [(label, "\(values[0].0)")], value: "\(values.reduce(0 as UInt64) { $0 + $1.1 })")
      })
  }
}

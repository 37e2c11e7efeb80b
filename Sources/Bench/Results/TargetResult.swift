/// One target's figures over all rounds of a case.
package struct TargetResult: Sendable {
  /// The label of `LABEL=lm://host:port`, else the address.
  package var label: String
  /// The address as given, without its password.
  package var address: String
  package var dialect: Dialect
  /// The version that the server reports, if its dialect can ask for it.
  package var version: String?
  package var rounds: [Round]
  /// All measured operations of all rounds, in nanoseconds. In a closed loop an operation begins when its batch is
  /// sent; in an open loop when it was due.
  package var latencies: Latencies
  /// The same by operation, indexed by `Operation.rawValue`.
  package var latenciesByOperation: [Latencies]
  package var timeline: Timeline
  package var session: SessionOutcome?

  package init(
    label: String, address: String, dialect: Dialect, version: String? = nil, rounds: [Round] = [],
    latencies: Latencies = Latencies(),
    latenciesByOperation: [Latencies]? = nil, timeline: Timeline = Timeline(), session: SessionOutcome? = nil
  ) {
    self.label = label
    self.address = address
    self.dialect = dialect
    self.version = version
    self.rounds = rounds
    self.latencies = latencies
    self.latenciesByOperation = latenciesByOperation ?? Operation.allCases.map { _ in Latencies() }
    self.timeline = timeline
    self.session = session
  }
}

extension TargetResult {
  package var gibibytesPerSecond: Spread? { Spread(rounds.map(\.gibibytesPerSecond)) }
  package var operationsPerSecond: Spread? { Spread(rounds.map(\.operationsPerSecond)) }
  package var misses: Int { rounds.reduce(0) { $0 + $1.misses } }
  package var errors: Int { rounds.reduce(0) { $0 + $1.errors } }
  package var late: Int { rounds.reduce(0) { $0 + $1.late } }
  package var unsent: Int { rounds.reduce(0) { $0 + $1.unsent } }
  package var clientBusyPercent: Spread? { Spread(rounds.map(\.clientBusyPercent)) }
  package var serverBusyPercent: Spread? { Spread(rounds.compactMap(\.serverBusyPercent)) }
  package var othersBusyPercent: Spread? { Spread(rounds.compactMap(\.othersBusyPercent)) }
  package var serverSecondsPerGibibyte: Spread? { Spread(rounds.compactMap(\.serverSecondsPerGibibyte)) }
  package var serverMicrosecondsPerOperation: Spread? { Spread(rounds.compactMap(\.serverMicrosecondsPerOperation)) }
  /// At the end of the last round.
  package var serverResidentBytes: Int? { rounds.last?.serverResidentBytes }

  /// Operations a second divided by another target's, round by round.
  package func ratio(to other: TargetResult) -> Spread? {
    Spread(zip(rounds, other.rounds).map { $0.operationsPerSecond / $1.operationsPerSecond })
  }
}

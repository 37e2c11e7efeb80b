/// One target's figures in one round.
package struct Round: Sendable {
  package var seconds = 0.0
  package var operations = 0
  /// Bytes of values moved; beside a bulk load these are the bulk's.
  package var bytes = 0
  /// Values that were missing.
  package var misses = 0
  /// Error replies of the server.
  package var errors = 0
  /// Arrivals of an open loop that waited for room on a connection; the wait counts in their latency.
  package var late = 0
  /// Arrivals that were due in the round and found no room before its end. They are in no latency.
  package var unsent = 0
  package var serverSeconds: Double?
  package var clientSeconds = 0.0
  /// Processor time of the whole machine, in coarse ticks.
  package var machineSeconds: Double?
  package var serverResidentBytes: Int?
  /// False if the server also spent time on operations that are not counted.
  package var isServerTimePerOperation = true

  package init() {}
}

extension Round {
  package var operationsPerSecond: Double { Double(operations) / seconds }
  package var gibibytesPerSecond: Double { gibibytes / seconds }
  package var serverSecondsPerGibibyte: Double? { bytes == 0 ? nil : serverSeconds.map { $0 / gibibytes } }
  package var serverMicrosecondsPerOperation: Double? {
    guard isServerTimePerOperation, operations > 0 else { return nil }
    return serverSeconds.map { $0 * 1e6 / Double(operations) }
  }
  package var serverBusyPercent: Double? { serverSeconds.map { $0 * 100 / seconds } }
  package var clientBusyPercent: Double { clientSeconds * 100 / seconds }

  /// The share of one core that neither server nor client spent: the disturbance.
  package var othersBusyPercent: Double? {
    guard let machineSeconds, let serverSeconds else { return nil }
    return max(0, machineSeconds - serverSeconds - clientSeconds) * 100 / seconds
  }

  private var gibibytes: Double { Double(bytes) / Double(1 << 30) }
}

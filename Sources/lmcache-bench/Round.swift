/// What one round saw of one target.
struct Round {
  var seconds = 0.0
  var operations = 0
  var bytes = 0
  var misses = 0
  var serverSeconds: Double?
  var clientSeconds = 0.0
  /// What the whole machine spent, in coarse ticks.
  var machineSeconds: Double?

  var operationsPerSecond: Double { Double(operations) / seconds }
  var gibibytesPerSecond: Double { gibibytes / seconds }
  var serverSecondsPerGibibyte: Double? { bytes == 0 ? nil : serverSeconds.map { $0 / gibibytes } }
  var serverMicrosecondsPerOperation: Double? { serverSeconds.map { $0 * 1e6 / Double(operations) } }
  var serverBusyPercent: Double? { serverSeconds.map { $0 * 100 / seconds } }
  var clientBusyPercent: Double { clientSeconds * 100 / seconds }

  /// What neither server nor client spent, as a share of one core: the disturbance.
  var othersBusyPercent: Double? {
    guard let machineSeconds, let serverSeconds else { return nil }
    return max(0, machineSeconds - serverSeconds - clientSeconds) * 100 / seconds
  }

  private var gibibytes: Double { Double(bytes) / Double(1 << 30) }
}

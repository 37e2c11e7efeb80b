/// What all rounds say of one target.
struct Summary {
  let target: String
  let gibibytesPerSecond: Spread
  let operationsPerSecond: Spread
  /// Round by round against the first target's.
  let ratio: Spread
  /// Of a batch, in microseconds.
  let latencyHalf: Double
  let latencyMost99: Double
  let latencyMax: Double
  let misses: Int
  let clientBusyPercent: Spread
  let serverBusyPercent: Spread?
  let othersBusyPercent: Spread?
  let serverSecondsPerGibibyte: Spread?
  let serverMicrosecondsPerOperation: Spread?
  let serverResidentMebibytes: Int?

  init(_ rig: Rig, against first: Rig, _ command: Command) {
    let rounds = rig.rounds
    target = rig.target.name
    gibibytesPerSecond = Spread(rounds.map(\.gibibytesPerSecond))!
    operationsPerSecond = Spread(rounds.map(\.operationsPerSecond))!
    ratio = Spread(zip(rounds, first.rounds).map { $0.operationsPerSecond / $1.operationsPerSecond })!
    latencyHalf = rig.latencies.percentile(0.5) / 1000
    latencyMost99 = rig.latencies.percentile(0.99) / 1000
    latencyMax = Double(rig.latencies.largest) / 1000
    misses = rounds.reduce(0) { $0 + $1.misses }
    clientBusyPercent = Spread(rounds.map(\.clientBusyPercent))!
    serverBusyPercent = Spread(rounds.compactMap(\.serverBusyPercent))
    othersBusyPercent = Spread(rounds.compactMap(\.othersBusyPercent))
    serverSecondsPerGibibyte = Spread(rounds.compactMap(\.serverSecondsPerGibibyte))
    // Beside bulk the server's time is not spent on the operations counted.
    serverMicrosecondsPerOperation =
      command == .existBeside ? nil : Spread(rounds.compactMap(\.serverMicrosecondsPerOperation))
    serverResidentMebibytes = rig.target.serverProcess.flatMap(Kernel.residentMebibytes)
  }
}

import Glibc

/// Runs what the options ask for and tells how it goes.
package enum Benchmark {
  /// `progress` is called by this thread, a few times a second, while others carry the load.
  package static func run(
    _ options: Options, commandLine: [String], progress: (Progress) -> Void
  ) throws(Failure) -> Run {
    var run = Run(commandLine: commandLine, environment: Environment.current())
    run.cases.append(try measure(options, progress))
    return run
  }

  /// Sets up every target before the first round, so that no round pays for it.
  private static func measure(_ options: Options, _ progress: (Progress) -> Void) throws(Failure) -> Case {
    let pattern = Pattern()
    var rigs: [Rig] = []
    for target in options.targets { rigs.append(try Rig(target, options, pattern: pattern)) }
    for rig in rigs {
      try rig.prepare()
      try rig.launch()
    }
    var said = Progress()
    said.caseTitle = "\(options.command.rawValue) \(options.valueBytes)"
    (said.targetCount, said.rounds) = (rigs.count, options.rounds)
    for round in 0..<options.rounds {
      for (index, rig) in rigs.enumerated() {
        (said.round, said.targetIndex, said.targetLabel) = (round, index, rig.target.label)
        said.totalFraction = Double(round * rigs.count + index) / Double(options.rounds * rigs.count)
        progress(said)
        try rig.runRound()
        said.gibibytesPerSecond = rig.rounds[round].gibibytesPerSecond
        said.operationsPerSecond = rig.rounds[round].operationsPerSecond
        said.most99 = rig.latencies.percentile(0.99)
      }
    }
    let beside = options.command == .existBeside
    var result = Case(
      workload: options.command, sizes: SizeMix(bytes: options.valueBytes),
      connections: beside ? 1 : options.connections, depth: options.depth, keys: options.keys)
    if beside {
      result.beside = Case.Beside(
        operation: options.bulkWorkload == .get ? .get : .put, connections: options.bulkConnections)
    }
    result.results = rigs.map {
      TargetResult(
        label: $0.target.label, address: $0.target.name, dialect: $0.target.dialect, rounds: $0.rounds,
        latencies: $0.latencies)
    }
    return result
  }
}

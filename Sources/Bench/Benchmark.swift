import Base
import Glibc

/// Runs what the options ask for and reports progress.
package enum Benchmark {
  /// `progress` is called on this thread, a few times a second, while other threads carry the load.
  package static func run(
    _ options: Options, commandLine: [String], progress: (Progress) -> Void
  ) throws(Failure) -> Run {
    var run = Run(commandLine: commandLine.map(Target.withoutPassword), environment: Environment.current())
    Kernel.raiseDescriptorLimit()
    let pattern = Pattern()
    let versions = options.targets.map(Socket.version)
    let plans = try CasePlan.all(options)
    let landing = Landing(plans)
    for (index, plan) in plans.enumerated() {
      var said = Progress()
      (said.caseIndex, said.caseCount, said.caseTitle) = (index, plans.count, plan.title)
      (said.targetCount, said.rounds) = (options.targets.count, options.rounds)
      var result = plan.emptyCase
      let rigs = try measure(plan, pattern, landing, said, progress)
      result.results = zip(rigs, versions).map { $0.result(version: $1) }
      run.cases.append(result)
    }
    return run
  }

  /// Sets up every target before the first round, so that no round pays for it.
  private static func measure(
    _ plan: CasePlan, _ pattern: Pattern, _ landing: Landing, _ first: Progress, _ progress: (Progress) -> Void
  ) throws(Failure) -> [Rig] {
    var said = first
    said.phase = .connecting
    progress(said)
    var rigs: [Rig] = []
    defer { for rig in rigs { rig.stop() } }
    for target in plan.options.targets {
      rigs.append(try Rig(target, plan, pattern: pattern, landing: landing))
    }
    for (index, rig) in rigs.enumerated() {
      said.phase = .storing
      (said.targetIndex, said.targetLabel) = (index, rig.target.label)
      try rig.prepare {
        said.fraction = $0
        progress(said)
      }
    }
    said.phase = .warming
    for rig in rigs {
      try rig.launch()
      try rig.warmUp()
    }
    said.phase = .measuring
    for round in 0..<plan.options.rounds {
      for index in turns(round: round, targets: rigs.count) {
        let rig = rigs[index]
        (said.round, said.targetIndex, said.targetLabel) = (round, index, rig.target.label)
        try rig.runRound(said, progress)
      }
    }
    return rigs
  }

  /// The targets take turns at being first: the first in a round finds other caches and another clock speed than the
  /// rest.
  static func turns(round: Int, targets: Int) -> [Int] { (0..<targets).map { ($0 + round) % targets } }
}

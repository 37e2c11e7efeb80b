/// The state of a run, reported a few times a second.
package struct Progress: Sendable {
  package enum Phase: Sendable { case connecting, storing, warming, measuring }

  package var phase = Phase.measuring
  /// "get 32 MiB": what distinguishes this case from the others.
  package var caseTitle = ""
  /// All counted from zero.
  package var caseIndex = 0
  package var caseCount = 1
  package var targetIndex = 0
  package var targetCount = 1
  package var targetLabel = ""
  package var round = 0
  package var rounds = 1
  /// Of this target's part of this round, or of the values to store.
  package var fraction = 0.0
  /// Of all rounds of all cases; never goes back.
  package var totalFraction: Double {
    let turns = caseCount * rounds * targetCount
    let turn =
      phase == .measuring ? (caseIndex * rounds + round) * targetCount + targetIndex : caseIndex * rounds * targetCount
    return (Double(turn) + (phase == .measuring ? fraction : 0)) / Double(turns)
  }
  package var gibibytesPerSecond = 0.0
  package var operationsPerSecond = 0.0
  /// Of this target in this case so far, in nanoseconds.
  package var most99 = 0.0

  package init() {}
}

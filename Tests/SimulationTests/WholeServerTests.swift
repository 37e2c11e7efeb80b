import Simulation
import Testing

/// The whole server over a simulated kernel, life after life.
@Suite(.serialized) struct WholeServerTests {
  @Test func everyLifeIsInOrder() async {
    let outcomes = await Lives.live(Lives.seeds, options: LifeOptions(isAloud: Lives.aloud && Lives.only != nil))
    for outcome in outcomes where outcome.failure != nil { Issue.record("\(outcome)") }
    print(Lives.census(of: outcomes))
    print("NOTE: \(outcomes.count) simulated lives, \(outcomes.reduce(0) { $0 + $1.events }) events")
  }

  @Test func aCalmLifeIsInOrder() async {
    for outcome in await Lives.live(0..<20, options: LifeOptions(isCalm: true)) {
      #expect(outcome.failure == nil, "\(outcome)")
    }
  }

  /// Lent values, read long after the server released them.
  @Test func aLifeOfLargeValuesIsInOrder() async {
    let outcomes = await Lives.live(0..<20, options: LifeOptions(isLarge: true))
    for outcome in outcomes { #expect(outcome.failure == nil, "\(outcome)") }
    func sum(_ what: String) -> UInt64 { outcomes.reduce(0) { $0 + ($1.census[what] ?? 0) } }
    if SimulatedWorld.lends { #expect(sum("lent bytes") > 0) }
    #expect(sum("renewed bytes") > 0)
    print("NOTE: \(sum("lent bytes")) bytes were lent in \(outcomes.count) lives, \(sum("renewed bytes")) renewed")
  }

  @Test func theSameSeedIsTheSameLife() async {
    let first = await Lives.live(0..<20)
    let second = await Lives.live(0..<20)
    #expect(first.map(\.hash) == second.map(\.hash))
    #expect(Set(first.map(\.hash)).count == first.count, "different seeds are different lives")
  }
}

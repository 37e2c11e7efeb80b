import Base
import Testing

@testable import Policy

/// When what was learnt is not believed.
@Suite struct TrustTests {
  private let room = 5000

  /// A store whose policy finds some of a load, where the order of last use would find others.
  private struct Load {
    var trust = Trust()
    let room: Int
    var clock: UInt32 = 0
    /// Changes of the state, in turn-overs.
    private(set) var lost: [Double] = []
    private(set) var found: [Double] = []

    /// So many uses, found so often out of a hundred by the policy and by the order: the same chunks, or any.
    mutating func run(turnovers: Double, policy: Int, order: Int, areTheSame: Bool = true) {
      var random = SplitMix64(seed: 1)
      for _ in 0..<Int(turnovers * Double(room)) {
        clock += 1
        let wasLost = trust.isLost
        let chunk = random.pick(0...99)
        let isInOrder = (areTheSame ? chunk : random.pick(0...99)) < order
        trust.note(isFound: chunk < policy, wouldBeFound: isInOrder, weight: 1, fitting: room, at: clock)
        guard trust.isLost != wasLost else { continue }
        if trust.isLost { lost.append(now) } else { found.append(now) }
      }
    }

    var now: Double { Double(clock) / Double(room) }
  }

  @Test(arguments: [(40, 40), (50, 30), (0, 0), (100, 0)])
  func whatFindsAsMuchIsBelieved(policy: Int, order: Int) {
    var load = Load(room: room)
    load.run(turnovers: 20, policy: policy, order: order, areTheSame: false)
    #expect(load.lost.isEmpty)
  }

  @Test func whatFindsLessIsNot() {
    var load = Load(room: room)
    load.run(turnovers: 3, policy: 30, order: 45)
    #expect(load.trust.isLost)
    // It is a matter of chunks, not of how often something is found.
    let expected = 1 / Double(PolicyLimits.deficitShare) / 0.15
    #expect(abs(load.lost[0] - expected) < expected / 3, "\(load.lost)")
  }

  /// What it found before makes up for a while that is worse, but not for ever.
  @Test func creditIsBounded() {
    var load = Load(room: room)
    load.run(turnovers: 20, policy: 60, order: 40)
    #expect(load.trust.deficit <= -room / PolicyLimits.creditShare + 50)
    load.run(turnovers: 1, policy: 30, order: 60)
    #expect(!load.trust.isLost)
    load.run(turnovers: 1, policy: 30, order: 60)
    #expect(load.trust.isLost)
  }

  @Test func itComesBack() {
    var load = Load(room: room)
    load.run(turnovers: 3, policy: 30, order: 45)
    load.run(turnovers: Double(PolicyLimits.distrustMin) - 3 + load.lost[0] + 0.05, policy: 0, order: 100)
    #expect(!load.trust.isLost, "however it goes meanwhile")
    load.run(turnovers: 20, policy: 45, order: 45)
    #expect(load.lost.count == 1 && load.found.count == 1)
  }

  /// Each time it is lost for twice as long, up to a bound.
  @Test func restsGrowToABound() {
    var load = Load(room: 1000)
    load.run(turnovers: 250, policy: 0, order: 100)
    let rests = zip(load.lost, load.found).map { ($1 - $0).rounded() }
    #expect(rests == [4, 8, 16, 32, 64, 64])
    // It has been right for long enough.
    load.run(turnovers: Double(2 * PolicyLimits.distrustMax) + 20, policy: 50, order: 50)
    let before = load.lost.count
    load.run(turnovers: 4.15, policy: 0, order: 100)
    #expect(load.lost.count == before + 1)
    #expect((load.found.last! - load.lost.last!).rounded() == Double(PolicyLimits.distrustMin))
  }

  /// A few misses are no finding, however small the store.
  @Test func aSmallStoreIsGivenAChance() {
    var load = Load(room: 10)
    load.run(turnovers: Double(PolicyLimits.deficitMin / 10), policy: 0, order: 100)
    #expect(!load.trust.isLost)
    load.run(turnovers: 1, policy: 0, order: 100)
    #expect(load.trust.isLost)
  }

  /// A chunk of a sample counts for all that it stands for.
  @Test func aSampleIsWeighed() {
    var (one, eight) = (Trust(), Trust())
    for clock in UInt32(1)...100 {
      one.note(isFound: false, wouldBeFound: true, weight: 1, fitting: 100, at: clock)
      eight.note(isFound: false, wouldBeFound: true, weight: 8, fitting: 100, at: clock)
    }
    #expect(!one.isLost && eight.isLost)
  }
}

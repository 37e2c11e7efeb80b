import Base
import Simulation
import Store

@testable import Tier

/// What a tier's life is like. Drawn from its seed.
struct TierPlan {
  enum End: CaseIterable {
    case kill, powerLoss, clean
  }

  /// What goes wrong with its disks.
  enum Harm {
    case none
    /// One fault in the whole life.
    case once
    case often
  }

  var harm = Harm.none
  var memoryBytes = 2 * 1024 * 1024
  var segmentBytes = 1024 * 1024
  var segmentsEach = 5
  var deviceCount = 1
  var keys = 120
  var clients = 3
  var rounds = 4
  var operationsEach = 120
  var writesAll = true
  var offering = DiskBooks.Offering.stored
  var policy = EvictionPolicy.lru
  var ends = End.allCases
  /// Of what clients do, in millionths.
  var flushesPerMillion = 3000
  var world = FaultPlan.none
  var writesInSteps = false

  /// Beside the segments the header and what the policy knows.
  var deviceBytes: Int { (segmentsEach + 1) * segmentBytes }

  static func draw(from random: inout SplitMix64) -> TierPlan {
    var plan = TierPlan()
    plan.segmentBytes = [1, 1, 2].randomElement(using: &random)! * 1024 * 1024
    plan.segmentsEach = random.pick(4...7)
    plan.memoryBytes = [2, 2, 3, 4].randomElement(using: &random)! * 1024 * 1024
    plan.deviceCount = random.pick(1...2)
    plan.keys = [20, 60, 150, 300].randomElement(using: &random)!
    plan.clients = random.pick(1...4)
    plan.rounds = random.pick(2...5)
    plan.operationsEach = [20, 80, 200].randomElement(using: &random)!
    plan.writesAll = random.chance(perMille: 700)
    plan.offering = random.chance(perMille: 800) ? .stored : .leaving
    plan.policy = random.chance(perMille: 500) ? .lru : .returns
    plan.writesInSteps = random.chance(perMille: 500)
    plan.world.shortPerMille = [0, 100].randomElement(using: &random)!
    plan.world.latePerMille = [0, 0, 20, 200].randomElement(using: &random)!
    plan.world.lateNanosecondsMax = [1_000_000, 30_000_000].randomElement(using: &random)!
    return plan
  }
}

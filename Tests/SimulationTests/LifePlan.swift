import Base
import Simulation
import Store

/// The parameters of a life, drawn from the seed before it begins.
struct LifePlan {
  var loops: Int
  var clients: Int
  var webClients: Int
  var batches: Int
  var keys: Int
  var valueBytesMax: Int
  var connectionsMax: Int
  var store: StoreConfiguration
  /// When the server is told to end while clients are active; nil: when they are done.
  var drainAt: UInt64?
  var populatePerMille: Int
  /// Values of whole blocks, which are lent, in a store that holds a few of them.
  var isLarge = false

  static func draw(from random: inout SplitMix64, isLarge: Bool?) -> LifePlan {
    let isDrawnLarge = random.chance(perMille: 60)
    var plan = drawSmall(from: &random)
    guard isLarge ?? isDrawnLarge else { return plan }
    plan.isLarge = true
    plan.clients = min(plan.clients, 4)
    plan.keys = random.pick(plan.clients...2 * plan.clients)
    plan.valueBytesMax = Noise.valueBytesMax
    plan.batches = random.pick(8...12)
    // A quarter of it is for bodies that take whole blocks.
    plan.store.budgetBytes = random.pick(9...16) << 20
    plan.populatePerMille = max(plan.populatePerMille, 20)
    plan.store.reachBytes = plan.store.budgetBytes
    plan.store.leaseSeconds = min(plan.store.leaseSeconds, 1)
    return plan
  }

  private static func drawSmall(from random: inout SplitMix64) -> LifePlan {
    let loops = random.pick(2...3)
    let clients = random.pick(3...6)
    let budget = [2, 2, 3, 6].randomElement(using: &random)! * 1024 * 1024
    let lease = [0, 1, 5, 30].randomElement(using: &random)!
    return LifePlan(
      loops: loops, clients: clients, webClients: random.pick(0...2), batches: random.pick(3...10),
      keys: random.pick(clients...5 * clients),
      valueBytesMax: [3000, 70_000, 300_000, 640 * 1024, 640 * 1024].randomElement(using: &random)!,
      connectionsMax: random.chance(perMille: 900) ? 64 : 3,
      store: StoreConfiguration(
        budgetBytes: budget, leaseSeconds: lease, hashSeed: random.next(), laneCount: loops,
        clientsMax: random.chance(perMille: 900) ? 64 : 2),
      drainAt: random.chance(perMille: 250) ? UInt64(random.pick(1_001_000_000...2_000_000_000)) : nil,
      populatePerMille: [1, 20, 1000].randomElement(using: &random)!)
  }
}

/// What a test asks of a life besides its seed.
struct LifeOptions: Sendable {
  var isAloud = false
  var isCalm = false
  /// Nil: as the seed decides.
  var isLarge: Bool?
  var resumesBeforeCompletion = false
  #if DEBUG
    var plantedBug: PlantedBug?
  #endif
}

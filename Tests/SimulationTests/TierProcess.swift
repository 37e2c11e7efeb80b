import Base
import IO
import Simulation

@testable import Store
@testable import Tier

/// A process with a second tier, without a network: its store, its devices and a loop for those who ask.
final class TierProcess: @unchecked Sendable {
  let world: SimulatedWorld
  let loop: EventLoop
  let store: Store
  let books: DiskBooks
  let tier: DiskTier
  /// Of the life, when the world began.
  let bornAt: UInt64
  private static let worldBegins: UInt64 = 1_000_000_000

  var lane: Lane { store.lane(0) }
  /// Nanoseconds of the life: worlds begin their time anew, and this goes on.
  var now: UInt64 { time(ofWorld: world.now) }
  func time(ofWorld time: UInt64) -> UInt64 { bornAt + time - Self.worldBegins }

  init(_ plan: TierPlan, disks: [SimulatedDisk], seed: UInt64, bornAt: UInt64, bug: TierBug?) {
    world = SimulatedWorld(seed: seed, faults: plan.world)
    let world = world
    self.bornAt = bornAt
    loop = world.makeLoop()
    books = DiskBooks(deviceCount: disks.count, offering: plan.offering)
    var configuration = StoreConfiguration(
      budgetBytes: plan.memoryBytes, leaseSeconds: 30, hashSeed: 42, laneCount: 1 + disks.count, clientsMax: 64)
    configuration.policy = plan.policy
    configuration.disk = books
    guard let store = try? Store(configuration) else { preconditionFailure("the budget is large enough") }
    self.store = store
    let clock = WallOf(world: world, bornAt: bornAt - Self.worldBegins)
    var told = DeviceConfiguration(
      sizeBytes: plan.deviceBytes, writeRateBytes: 64 * 1024 * 1024, wallMilliseconds: { clock.milliseconds })
    told.writesAll = plan.writesAll
    told.segmentBytes = plan.segmentBytes
    #if DEBUG
      told.plantedBug = bug
    #endif
    let books = books
    let devices = disks.enumerated().map { number, disk in
      Device(
        number: number, loop: world.makeLoop(), store: store, books: books, directory: world.attach(disk),
        configuration: told, lane: store.lane(1 + number), log: Life.log)
    }
    tier = DiskTier(store: store, books: books, devices: devices)
    while store.populateAhead() {}
    world.betweenTurns = { _ = store.populateAhead() }
    tier.start()
  }

  var isOver: Bool { tier.devices.allSatisfy(\.isOver) }
  var isServing: Bool { tier.statuses.allSatisfy { $0.state == .serving } }

  private struct WallOf: @unchecked Sendable {
    unowned let world: SimulatedWorld
    let bornAt: UInt64
    var milliseconds: Int { 1_800_000_000_000 + Int((bornAt + world.now) / 1_000_000) }
  }
}

#if DEBUG
  typealias TierBug = PlantedTierBug
#else
  enum TierBug: Sendable {}
#endif

import Server
import Simulation
import Store

/// A server of two loops in a world without faults or clients, for tests that look at one thing.
struct QuietServer {
  let world = SimulatedWorld(seed: 1, faults: FaultPlan.none)
  let store: Store
  let server: Server

  init(budgetBytes: Int = 16 << 20, leaseSeconds: Int = 30, sharing: Sharing = Sharing()) throws {
    let world = world
    let loops = (0..<2).map { _ in world.makeLoop() }
    store = try Store(
      StoreConfiguration(
        budgetBytes: budgetBytes, leaseSeconds: leaseSeconds, hashSeed: 1, laneCount: 2, clientsMax: 16))
    server = Server(
      store: store, loops: loops, listener: world.makeListener(), connectionsMax: 8,
      identity: ServerIdentity(
        version: "1.0", bootID: "boot", startedAt: world.now, driver: "simulated", driverReason: "a test"),
      log: Life.log, sharing: sharing)
  }
}

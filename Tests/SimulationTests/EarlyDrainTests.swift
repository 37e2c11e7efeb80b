import Server
import Simulation
import Store
import Testing

@testable import IO

@Suite struct EarlyDrainTests {
  /// A signal may come before the first loop turns: it must not be lost.
  @Test func anEndAskedForBeforeTheStartIsRemembered() throws {
    let world = SimulatedWorld(seed: 1, faults: FaultPlan.none)
    let loops = (0..<2).map { _ in world.makeLoop() }
    let store = try Store(StoreConfiguration(budgetBytes: 16 << 20, hashSeed: 1, laneCount: 2, clientsMax: 16))
    let server = Server(
      store: store, loops: loops, listener: world.makeListener(), connectionsMax: 8,
      identity: ServerIdentity(
        version: "1.0", bootID: "boot", startedAt: world.now, driver: "simulated", driverReason: "a test"),
      log: Life.log)
    server.drain()
    server.start()
    #expect(server.phase == .draining)
    #expect(world.run(until: { server.phase == .ended }, nanosecondsMax: 60_000_000_000))
  }
}

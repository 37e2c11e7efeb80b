import Base
import Simulation
import Store
import Testing

@testable import Server
@testable import Wire

@Suite struct StuckLoopTests {
  /// Every one of them is some chart's liveness probe.
  @Test func aLoopThatDoesNotTurnIsNotAlive() throws {
    let world = SimulatedWorld(seed: 1, faults: FaultPlan.none)
    let loops = (0..<2).map { _ in world.makeLoop() }
    let store = try Store(StoreConfiguration(budgetBytes: 16 << 20, hashSeed: 1, laneCount: 2, clientsMax: 16))
    let server = Server(
      store: store, loops: loops, listener: world.makeListener(), connectionsMax: 8,
      identity: ServerIdentity(
        version: "1.0", bootID: "boot", startedAt: world.now, driver: "simulated", driverReason: "a test"),
      log: Life.log)
    server.start()
    func page(_ path: HTTPRequest.Path) -> Page {
      Pages.page(
        for: HTTPRequest(method: .get, path: path, version: .http11, keepAlive: true, bodyBytes: 0), of: server,
        now: world.now + 2 * Limits.stuckLoopNanoseconds)
    }
    #expect(page(.live).status == .serviceUnavailable)
    #expect(page(.health).status == .serviceUnavailable)
    #expect(page(.health).body.contains("stuck"))
    #expect(page(.ready).status == .ok)
  }
}

import Server
import Simulation
import Store

/// A server of two loops in a world without faults or clients, for tests of one behaviour.
struct QuietServer {
  let world = SimulatedWorld(seed: 1, faults: FaultPlan.none)
  let store: Store
  let server: Server

  /// - Parameter peerPort: the port of the server's peer door.
  init(
    budgetBytes: Int = 16 << 20, leaseSeconds: Int = 30, resp: RESPConfiguration = RESPConfiguration(),
    sharing: Sharing = Sharing(), peerPort: UInt16? = nil
  ) throws {
    let world = world
    var sharing = sharing
    if let peerPort { sharing.peerListener = world.makeListener(port: peerPort) }
    let loops = (0..<2).map { _ in world.makeLoop() }
    store = try Store(
      StoreConfiguration(
        budgetBytes: budgetBytes, leaseSeconds: leaseSeconds, hashSeed: 1, laneCount: 2, clientsMax: 16))
    server = Server(
      store: store, loops: loops, listener: world.makeListener(), connectionsMax: 8,
      identity: ServerIdentity(
        version: "1.0", bootID: "boot", startedAt: world.now, driver: "simulated", driverReason: "a test"),
      log: Life.log, resp: resp, sharing: sharing)
  }
}

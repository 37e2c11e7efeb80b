import Server
import Simulation
import Store
import TLS

/// A server of two loops in a world without faults or clients, for tests of one behaviour.
struct QuietServer {
  let world = SimulatedWorld(seed: 1, faults: FaultPlan.none)
  let store: Store
  let server: Server

  /// - Parameters:
  ///   - peerPort: the port of the server's peer door.
  ///   - tls: who it is at a door of TLS, which has the port `tlsPort`.
  init(
    budgetBytes: Int = 16 << 20, leaseSeconds: Int = 30, resp: RESPConfiguration = RESPConfiguration(),
    sharing: Sharing = Sharing(), peerPort: UInt16? = nil, tls: TLSIdentity? = nil, tlsPort: UInt16 = 0,
    connectionsMax: Int = 8
  ) throws {
    let world = world
    var sharing = sharing
    if let peerPort { sharing.peerListener = world.makeListener(port: peerPort) }
    var doors = tls.map { TLSDoors($0) }
    doors?.data = world.makeListener(port: tlsPort)
    let loops = (0..<2).map { _ in world.makeLoop() }
    store = try Store(
      StoreConfiguration(
        budgetBytes: budgetBytes, leaseSeconds: leaseSeconds, hashSeed: 1, laneCount: 2, clientsMax: 2 * connectionsMax)
    )
    server = Server(
      store: store, loops: loops, listener: world.makeListener(), connectionsMax: connectionsMax,
      identity: ServerIdentity(
        version: "1.0", bootID: "boot", startedAt: world.now, driver: "simulated", driverReason: "a test"),
      log: Life.log, resp: resp, sharing: sharing, tls: doors)
  }
}

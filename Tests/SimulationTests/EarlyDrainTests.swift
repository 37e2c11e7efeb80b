import Server
import Simulation
import Store
import Testing

@testable import IO

@Suite struct EarlyDrainTests {
  /// A signal before the first loop turns must not be lost.
  @Test func anEndAskedForBeforeTheStartIsRemembered() throws {
    let quiet = try QuietServer()
    let (world, server) = (quiet.world, quiet.server)
    server.drain()
    server.start()
    #expect(server.phase == .draining)
    #expect(world.run(until: { server.phase == .ended }, nanosecondsMax: 60_000_000_000))
  }
}

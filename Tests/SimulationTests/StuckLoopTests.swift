import Base
import Simulation
import Store
import Testing

@testable import Server
@testable import Wire

@Suite struct StuckLoopTests {
  /// Each of these pages is the liveness probe of some chart.
  @Test func aLoopThatDoesNotTurnIsNotAlive() throws {
    let quiet = try QuietServer()
    let (world, server) = (quiet.world, quiet.server)
    server.start()
    func page(_ path: String) -> Page {
      Pages.page(
        for: HTTPRequest(method: .get, path: path, query: "", version: .http11, keepAlive: true, bodyBytes: 0),
        of: server, now: world.now + 2 * Limits.stuckLoopNanoseconds)
    }
    #expect(page("/livez").status == .serviceUnavailable)
    #expect(page("/health").status == .serviceUnavailable)
    #expect(page("/health").body.contains("stuck"))
    #expect(page("/readyz").status == .ok)
  }
}

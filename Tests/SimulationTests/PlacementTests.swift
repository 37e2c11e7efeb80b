import Base
import Simulation
import Testing
import Wire

@testable import Server

/// Which loop serves a connection.
@Suite struct PlacementTests {
  private func counts(_ stage: Stage) -> [Int] {
    stage.server.workers.map { Int($0.metrics.opened.value(.lm)) - Int($0.metrics.closed.value(.lm)) }
  }

  /// A client, and the loop that serves it.
  private func connect(_ stage: Stage) throws -> (client: RESPLifeSocket, loop: Int) {
    let before = counts(stage)
    let client = try stage.connect()
    try stage.act { () async throws in #expect(try await !client.existsByLM("key")) }
    let after = counts(stage)
    return (client, try #require(after.indices.first { after[$0] > before[$0] }))
  }

  @Test func theNextConnectionGoesToTheLeastLoadedLoop() throws {
    let stage = Stage(try QuietServer())
    let first = try (0..<6).map { _ in try connect(stage) }
    #expect(counts(stage) == [3, 3])
    // A loop whose connections close has the fewest and gets the next one; HTTP connections are not counted.
    let web = try stage.connect()
    try stage.act { () async throws in
      try await web.send(Array("GET /readyz HTTP/1.1\r\n\r\n".utf8))
      #expect(try await web.line() == "HTTP/1.1 200 OK")
    }
    for idle in [1, 0] {
      let leaving = first.filter { $0.loop == idle }
      try stage.act { () async throws in for one in leaving { one.client.close() } }
      #expect(stage.secondsUntil { counts(stage)[idle] == 0 } != nil)
      let next = try (0..<3).map { _ in try connect(stage).loop }
      #expect(next == [idle, idle, idle])
      #expect(counts(stage) == [3, 3])
    }
  }
}

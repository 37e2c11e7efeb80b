import Base
import Simulation
import Testing
import Wire

@testable import Server

/// A drain waits for replies in flight, and for nothing else.
@Suite struct IdleDrainTests {
  @Test func aDrainOfIdleConnectionsEndsAtOnce() throws {
    let stage = Stage(try QuietServer(peerPort: 8300))
    let lm = try stage.connect()
    let resp = try stage.connect()
    let peer = try stage.connect(port: 8300)
    let web = try stage.connect()
    try stage.act { () async throws in
      #expect(try await !lm.existsByLM("key"))
      #expect(try await resp.ask("PING") == "+PONG")
      #expect(try await !peer.existsByLM("key"))
      try await web.send(Array("GET /readyz HTTP/1.1\r\n\r\n".utf8))
      #expect(try await web.line() == "HTTP/1.1 200 OK")
    }
    stage.server.drain()
    let seconds = try #require(stage.secondsUntil { stage.server.phase == .ended })
    // An HTTP connection may be read for a second more, so that its last answer is not lost.
    #expect(seconds < 2, "there was nothing to wait for: \(seconds) s")
  }

  /// The other half: the drain waits for replies under way, and no longer than 20 s.
  @Test func aDrainWaitsForABodyUnderWay() throws {
    let stage = Stage(try QuietServer())
    let lm = try stage.connect()
    try stage.act { () async throws in
      try await lm.sendLM(.put, "key", length: 1000)
      try await lm.send([1])
    }
    stage.pass(seconds: 0.5)
    stage.server.drain()
    let seconds = try #require(stage.secondsUntil { stage.server.phase == .ended })
    #expect(seconds > 15 && seconds < 25, "\(seconds) s")
  }
}

import Base
import IO
import Simulation
import Testing
import Wire

@testable import Server
@testable import Store

/// An engine that announces a chunk and does not send it: see proto/peer.md.
@Suite struct PeerSilenceTests {
  private static let meta = ObjectMeta(format: 1, type: 3, shape: (2, 1, 256, 128))
  private static let length = 131_072

  @Test(arguments: [0, 1, 100_000])
  func aMoveThatStaysOutIsGivenUpAfterFiveSeconds(sent: Int) throws {
    let stage = Stage(try QuietServer(peerPort: 8300))
    let engine = try stage.connect(port: 8300)
    try stage.act { () async throws in
      try await engine.sendLM(.put, "chunk", length: Self.length, meta: Self.meta)
      #expect(try await engine.replyOfLM().code == .success)
      if sent > 0 { try await engine.send([UInt8](repeating: 7, count: sent)) }
    }
    #expect(stage.store.snapshot().inFlightBodies == 1)
    let seconds = try #require(stage.secondsUntil { stage.store.snapshot().inFlightBodies == 0 })
    #expect(seconds > 4.5 && seconds < 6, "the peer's silence is 5 s: \(seconds)")
    try stage.act { () async throws in
      #expect(await engine.hasEnded(), "what it would send next begins nobody knows where")
    }
    #expect(stage.drops(.silent) == 1)
    #expect(stage.store.snapshot().inFlightBytes == 0)
  }

  /// An engine that sends now and then is not silent.
  @Test func aSlowMoveIsTaken() throws {
    let stage = Stage(try QuietServer(peerPort: 8300))
    let engine = try stage.connect(port: 8300)
    try stage.act { () async throws in
      try await engine.sendLM(.put, "chunk", length: Self.length, meta: Self.meta)
      #expect(try await engine.replyOfLM().code == .success)
      for _ in 0..<4 {
        try await engine.send([UInt8](repeating: 7, count: Self.length / 4))
        await stage.clientLoop.sleep(nanoseconds: 4_000_000_000)
      }
      #expect(try await engine.existsByLM("chunk"))
    }
  }
}

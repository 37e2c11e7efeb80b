import Base
import Foundation
import Simulation
import TLS
import Testing

@testable import IO
@testable import Server
@testable import Store

/// Clients of a TLS door that go silent, in virtual time.
@Suite struct SilentHandshakeTests {
  private static let port: UInt16 = 8443
  /// A record's head, and less than what it announces.
  private static let halfHello: [UInt8] = [0x16, 3, 1, 0, 200, 1, 0, 0]

  private static func identity() throws -> TLSIdentity {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lmcache-sim-tls-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
    let script = Process()
    script.executableURL = root.appending(path: "scripts/certificates.sh")
    script.arguments = [folder.path()]
    try script.run()
    script.waitUntilExit()
    var settings = TLSSettings()
    settings.certificate = folder.appending(path: "server.crt").path()
    settings.key = folder.appending(path: "server.key").path()
    return try TLSIdentity(settings)
  }

  private static func failures(_ server: Server, _ outcome: HandshakeOutcome) -> UInt64 {
    server.workers.reduce(0) { $0 + $1.tls.metrics.handshakes.value(outcome) }
  }

  @Test(arguments: [[], halfHello])
  func aSilentClientIsGivenUp(words: [UInt8]) throws {
    let stage = Stage(try QuietServer(tls: Self.identity(), tlsPort: Self.port))
    let client = try stage.connect(port: Self.port)
    if !words.isEmpty { try stage.act { () async throws in try await client.send(words) } }
    stage.pass(seconds: 9)
    #expect(stage.server.openConnections == 1)
    stage.pass(seconds: 2)
    #expect(stage.server.openConnections == 0)
    #expect(Self.failures(stage.server, .timedOut) == (words.isEmpty ? 0 : 1))
    #expect(stage.server.workers.reduce(0) { $0 + $1.metrics.refusals.value(.tlsHandshake) } == 1)
    #expect(stage.store.snapshot().chargedBytes == 0, "what it held is free")
  }

  /// More than may shake hands at once: those behind wait, and have the places of the first when these are slow.
  @Test func aCrowdWaitsForItsTurn() throws {
    let crowd = 2 * Limits.tlsHandshakesPerLoop + 20
    let quiet = try QuietServer(
      budgetBytes: 256 << 20, tls: Self.identity(), tlsPort: Self.port, connectionsMax: 2 * crowd)
    let stage = Stage(quiet)
    var clients: [RESPLifeSocket] = []
    for _ in 0..<crowd {
      let client = try stage.connect(port: Self.port)
      try stage.act { () async throws in try await client.send(Self.halfHello) }
      clients.append(client)
    }
    stage.pass(seconds: 1)
    #expect(stage.server.openConnections == crowd)
    stage.pass(seconds: 4)
    #expect(stage.server.openConnections == crowd - 20)
    #expect(Self.failures(stage.server, .displaced) == 20)
    // Meanwhile others are served.
    let other = try stage.connect()
    try stage.act { () async throws in #expect(try await other.ask("PING") == "+PONG") }
    stage.pass(seconds: 20)
    #expect(stage.server.openConnections == 1)
    #expect(Self.failures(stage.server, .timedOut) == UInt64(crowd - 20))
  }

  /// Behind those that are not slow, for the server works for them.
  @Test func whoWaitsInLineIsGivenUpToo() throws {
    let stage = Stage(try QuietServer(tls: Self.identity(), tlsPort: Self.port))
    for worker in stage.server.workers {
      for _ in 0..<Limits.tlsHandshakesPerLoop {
        let isIn = worker.tls.handshakes.enter(HandshakePlace(nil) {})
        #expect(isIn)
      }
    }
    let client = try stage.connect(port: Self.port)
    stage.pass(seconds: 4)
    try stage.act { () async throws in try await client.send(Self.halfHello) }
    stage.pass(seconds: 5)
    #expect(stage.server.openConnections == 1)
    stage.pass(seconds: 2)
    #expect(stage.server.openConnections == 0)
    #expect(Self.failures(stage.server, .timedOut) == 1)
    #expect(stage.store.snapshot().chargedBytes == 0, "what it held is free")
  }

  @Test func theLineIsBounded() throws {
    let stage = Stage(try QuietServer(tls: Self.identity(), tlsPort: Self.port))
    var crowd: [HandshakePlace] = []
    for worker in stage.server.workers {
      for _ in 0..<Limits.tlsHandshakesPerLoop + Limits.tlsHandshakesInLine {
        let place = HandshakePlace(nil) {}
        let isIn = worker.tls.handshakes.enter(place) || worker.tls.handshakes.line(place)
        #expect(isIn)
        crowd.append(place)
      }
    }
    let client = try stage.connect(port: Self.port)
    try stage.act { () async throws in try await client.send(Self.halfHello) }
    stage.pass(seconds: 1)
    #expect(stage.server.openConnections == 0)
    #expect(Self.failures(stage.server, .lineFull) == 1)
    #expect(stage.store.snapshot().chargedBytes == 0, "what it held is free")
    withExtendedLifetime(crowd) {}
  }

  /// Others have their turn between two steps of handshakes, and bodies that wait for theirs wait behind one of them.
  @Test func aCrowdTakesTurns() throws {
    let stage = Stage(
      try QuietServer(budgetBytes: 64 << 20, tls: Self.identity(), tlsPort: Self.port, connectionsMax: 100))
    let clients = try (0..<60).map { _ in try stage.connect(port: Self.port) }
    let populate = stage.world.betweenTurns
    var (before, mostAtOnce, mostWaiting) = (UInt64(0), UInt64(0), 0)
    stage.world.betweenTurns = {
      populate()
      let now = Self.failures(stage.server, .notTLS)
      mostAtOnce = max(mostAtOnce, now - before)
      mostWaiting = stage.server.workers.reduce(mostWaiting) { max($0, $1.loop.bulk.count) }
      before = now
    }
    // Wrong in its first step.
    try stage.act { () async throws in
      for client in clients { try await client.send([0x16, 9, 9, 0, 5, 1, 0, 0, 1, 5]) }
    }
    stage.pass(seconds: 1)
    #expect(Self.failures(stage.server, .notTLS) == 60)
    #expect(mostAtOnce == 1, "\(mostAtOnce) steps in a turn")
    #expect(mostWaiting <= 1, "\(mostWaiting) of them before a body")
  }

  /// A drain does not wait for those who have said nothing yet.
  @Test func aDrainDoesNotWaitForThem() throws {
    let stage = Stage(try QuietServer(tls: Self.identity(), tlsPort: Self.port))
    let client = try stage.connect(port: Self.port)
    try stage.act { () async throws in try await client.send(Self.halfHello) }
    stage.server.drain()
    let seconds = try #require(stage.secondsUntil { stage.server.phase == .ended })
    #expect(seconds < 2, "\(seconds) s")
  }
}

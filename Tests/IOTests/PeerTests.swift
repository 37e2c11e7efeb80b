import Glibc
import Testing

@testable import IO

/// How a verb reports the end of a connection.
@Suite(.patience)
struct PeerTests {
  @Test(arguments: realDrivers)
  func anOrderlyEndIsZeroBytes(kind: DriverKind) async throws {
    let pair = try Sockets.tcpPair()
    Sockets.write(pair.theirs, [1, 2, 3])
    Glibc.shutdown(pair.theirs, Int32(SHUT_WR))
    try await onLoop(kind) { loop in
      let buffer = Buffer(count: 8)
      try await expect(loop.receiveAll(pair.ours, into: buffer), 3)
      try await expect(loop.receiveOnce(pair.ours, into: buffer), 0)
      // The other direction still works.
      try await loop.sendAll(pair.ours, Buffer(pattern: 5))
      loop.driver.close(pair.ours)
    }
    #expect(Sockets.read(pair.theirs, count: 6).count == 5)
    Glibc.close(pair.theirs)
  }

  @Test(arguments: realDrivers)
  func anEndWakesAWaitingReceive(kind: DriverKind) async throws {
    let pair = try Sockets.tcpPair()
    try await onLoop(kind) { loop in
      async let received = loop.receiveOnce(pair.ours, into: Buffer(count: 8))
      await loop.settle()
      Glibc.close(pair.theirs)
      try await expect(received, 0)
      loop.driver.close(pair.ours)
    }
  }

  @Test(arguments: realDrivers)
  func aResetIsPeerGone(kind: DriverKind) async throws {
    let pair = try Sockets.tcpPair()
    try await onLoop(kind) { loop in
      async let outcome = Result.of { () throws(IOFailure) in
        try await loop.receiveOnce(pair.ours, into: Buffer(count: 8))
      }
      await loop.settle()
      Sockets.reset(pair.theirs)
      #expect(await outcome == .failure(.peerGone))
      loop.driver.close(pair.ours)
    }
  }

  /// Also shows that no SIGPIPE is raised: its default action would end the tests.
  @Test(arguments: realDrivers, [1, 3])
  func sendingToAClosedPeerIsPeerGone(kind: DriverKind, pieces: Int) async throws {
    signal(SIGPIPE, SIG_DFL)
    let pair = try Sockets.tcpPair()
    Glibc.close(pair.theirs)
    try await onLoop(kind) { loop in
      let outcome = await Result.of { () throws(IOFailure) -> Int in
        // The first send makes the kernel learn that the peer is gone.
        while true { try await loop.sendAll(pair.ours, Buffer(pattern: 1000), pieces: pieces) }
      }
      #expect(outcome == .failure(.peerGone))
      loop.driver.close(pair.ours)
    }
  }

  @Test(arguments: realDrivers)
  func shutdownEndsAWaitingReceive(kind: DriverKind) async throws {
    let pair = try Sockets.tcpPair()
    try await onLoop(kind) { loop in
      async let received = loop.receiveOnce(pair.ours, into: Buffer(count: 8))
      await loop.settle()
      loop.driver.shutdown(pair.ours, .receive)
      try await expect(received, 0)
      try await loop.sendAll(pair.ours, Buffer(pattern: 4))
      loop.driver.close(pair.ours)
    }
    #expect(Sockets.read(pair.theirs, count: 4).count == 4)
    Glibc.close(pair.theirs)
  }
}

import Glibc
import Testing

@testable import IO

/// A send that the kernel takes at once does not wait.
@Suite(.patience)
struct SendTests {
  @Test(arguments: realDrivers, 1...3)
  func aReplyThatHasRoomLeavesInTheTurnInWhichItWasMade(kind: DriverKind, pieces: Int) async throws {
    let driver = ObservedDriver(try makeDriver(kind))
    let pair = try Sockets.tcpPair()
    try await onLoop(over: driver) { loop in
      let turns = driver.turns
      try await expect(loop.sendAll(pair.ours, Buffer(pattern: 36), pieces: pieces), 1)
      #expect(driver.turns == turns)
      loop.driver.close(pair.ours)
    }
    #expect(Sockets.read(pair.theirs, count: 36) == (0..<36).map(Buffer.pattern))
    Glibc.close(pair.theirs)
  }

  @Test(arguments: realDrivers)
  func aSendToAPeerThatIsGoneFailsAtOnce(kind: DriverKind) async throws {
    let driver = ObservedDriver(try makeDriver(kind))
    let pair = try Sockets.tcpPair()
    Sockets.reset(pair.theirs)
    Sockets.awaitEnd(pair.ours)
    try await onLoop(over: driver) { loop in
      let turns = driver.turns
      let outcome = await Result.of { () throws(IOFailure) in
        try await loop.sendAll(pair.ours, Buffer(pattern: 36), pieces: 2)
      }
      #expect(outcome == .failure(.peerGone))
      #expect(driver.turns == turns)
      loop.driver.close(pair.ours)
    }
  }
}

import Glibc
import Testing

@testable import IO

/// Sends after the other direction has ended: io_uring cannot wait for room in such a socket.
@Suite(.patience)
struct HalfClosedTests {
  enum Way: CaseIterable { case send, lend }

  /// The side that ended the other direction; a drain is the case of `ours`.
  enum Side: CaseIterable { case theirs, ours }

  @Test(arguments: realDrivers, [(Way.send, Side.theirs), (.lend, .theirs), (.send, .ours), (.lend, .ours)])
  func everyByteArrives(kind: DriverKind, how: (way: Way, ended: Side)) async throws {
    let pair = try Sockets.halfClosedPair(how.ended)
    let whole = Buffer(pattern: 1 << 20)
    let reader = SlowReader(pair.theirs, count: whole.bytes.count, seed: 1)
    let calls = try await onLoop(kind) { loop in
      defer { loop.driver.close(pair.ours) }
      return try await loop.moveAll(pair.ours, whole, how.way)
    }
    #expect(reader.finish().equals(whole))
    #expect(calls > 8, "the socket was never full: waiting was not tried")
  }

  @Test(arguments: realDrivers, Way.allCases)
  func theLoopRestsMeanwhile(kind: DriverKind, way: Way) async throws {
    let driver = ObservedDriver(try makeDriver(kind), sleepsOn: false)
    let pair = try Sockets.halfClosedPair()
    let whole = Buffer(pattern: 1 << 20)
    try await onLoop(over: driver) { loop in
      async let calls = loop.moveAll(pair.ours, whole, way)
      await loop.sleep(nanoseconds: 500_000_000)
      #expect(driver.turns < 500)
      let reader = SlowReader(pair.theirs, count: whole.bytes.count, seed: 2)
      let count = try await calls
      #expect(count > 8)
      loop.driver.close(pair.ours)
      #expect(reader.finish().equals(whole))
    }
  }

  @Test(arguments: realDrivers, Way.allCases)
  func aDeadlineEndsTheWait(kind: DriverKind, way: Way) async throws {
    let pair = try Sockets.halfClosedPair()
    let whole = Buffer(pattern: 1 << 20)
    try await onLoop(kind) { loop in
      let outcome = await Result.of { () throws(IOFailure) -> Int in
        try await loop.moveAll(pair.ours, whole, way, deadline: loop.now + 100_000_000)
      }
      #expect(outcome == .failure(.timedOut))
      loop.driver.close(pair.ours)
    }
    Glibc.close(pair.theirs)
  }

  /// The end comes while the send waits.
  @Test(arguments: realDrivers, Way.allCases)
  func aPeerMayFinishWhileItIsWaitedFor(kind: DriverKind, way: Way) async throws {
    let pair = try Sockets.tcpPair()
    Sockets.narrow(pair)
    let whole = Buffer(pattern: 1 << 20)
    try await onLoop(kind) { loop in
      async let calls = loop.moveAll(pair.ours, whole, way)
      await loop.sleep(nanoseconds: 20_000_000)
      shutdown(pair.theirs, Int32(SHUT_WR))
      await loop.sleep(nanoseconds: 20_000_000)
      let reader = SlowReader(pair.theirs, count: whole.bytes.count, seed: 3)
      let count = try await calls
      #expect(count > 8)
      loop.driver.close(pair.ours)
      #expect(reader.finish().equals(whole))
    }
  }
}

extension Sockets {
  fileprivate static func halfClosedPair(_ ended: HalfClosedTests.Side = .theirs) throws -> Pair {
    let pair = try tcpPair()
    narrow(pair)
    switch ended {
    case .theirs: shutdown(pair.theirs, Int32(SHUT_WR))
    case .ours: shutdown(pair.ours, Int32(SHUT_RD))
    }
    return pair
  }
}

extension EventLoop {
  fileprivate func moveAll(
    _ descriptor: Int32, _ buffer: Buffer, _ way: HalfClosedTests.Way, deadline: UInt64 = never
  ) async throws(IOFailure) -> Int {
    switch way {
    case .send: try await sendAll(descriptor, buffer, pieces: 3, deadline: deadline)
    case .lend: try await lendAll(descriptor, buffer, copied: 0, pieces: 3, deadline: deadline)
    }
  }
}

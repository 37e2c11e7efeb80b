import Glibc
import Testing

@testable import IO

/// Receives that drop bytes, and early acknowledgements.
@Suite(.patience)
struct ReceiveOptionTests {
  @Test(arguments: realDrivers, [1, 3])
  func discardedBytesAreGoneAndTheStreamGoesOn(kind: DriverKind, pieces: Int) async throws {
    let pair = try Sockets.tcpPair()
    let junkBytes = 1_000_003
    try await onLoop(kind) { loop in
      async let sent = loop.sendAll(pair.theirs, Buffer(pattern: 100 + junkBytes + 50))
      let header = Buffer(count: 100)
      try await expect(loop.receiveAll(pair.ours, into: header), 100)

      let scratch = Buffer(count: 65_536, fill: 0xEE)
      var left = junkBytes
      while left > 0 {
        let (regions, count) = scratch.regions(to: min(left, scratch.bytes.count), pieces: pieces)
        let dropped = try await loop.receive(pair.ours, into: regions, count: count, options: .discard)
        try #require(dropped > 0 && dropped <= left)
        left -= dropped
      }
      #expect(scratch.contents.allSatisfy { $0 == 0xEE }, "discarding copies nothing")

      let tail = Buffer(count: 50)
      try await expect(loop.receiveAll(pair.ours, into: tail), 50)
      #expect(tail.contents.elementsEqual((0..<50).map { Buffer.pattern(at: 100 + junkBytes + $0) }))
      _ = try await sent
      loop.driver.close(pair.ours)
      loop.driver.close(pair.theirs)
    }
  }

  @Test(arguments: realDrivers)
  func acknowledgeTakesTheSocketOutOfDelayedAcknowledgement(kind: DriverKind) async throws {
    let pair = try Sockets.tcpPair()
    SocketOptions.set(pair.ours, level: Int32(IPPROTO_TCP), option: TCP_QUICKACK, value: 0)
    #expect(quickAcknowledgement(pair.ours) == 0)
    Sockets.write(pair.theirs, [1])
    try await onLoop(kind) { loop in
      try await expect(loop.receiveOnce(pair.ours, into: Buffer(count: 1), options: .acknowledge), 1)
      #expect(quickAcknowledgement(pair.ours) == 1)
      loop.driver.close(pair.ours)
    }
    Glibc.close(pair.theirs)
  }
}

private func quickAcknowledgement(_ descriptor: Int32) -> Int32 {
  var value: Int32 = -1
  var bytes = socklen_t(MemoryLayout<Int32>.size)
  getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_QUICKACK, &value, &bytes)
  return value
}

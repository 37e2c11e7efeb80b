import Glibc
import Testing

@testable import IO

/// Bytes arrive unchanged, for any count and number of regions.
@Suite(.patience, .serialized)
struct EchoTests {
  static let sizes = [1, 2, 3, 4095, 65_537, 1_048_583, 8 * 1_048_576]

  @Test(arguments: realDrivers, sizes)
  func everyByteComesBack(kind: DriverKind, size: Int) async throws {
    let pair = try Sockets.tcpPair()
    // A small send buffer makes the kernel take large sends in parts.
    for end in [pair.ours, pair.theirs] {
      SocketOptions.set(end, level: SOL_SOCKET, option: SO_SNDBUF, value: 64 * 1024)
    }
    let returned = Buffer(count: size)
    let sends = try await onLoop(kind) { loop in
      async let echoed: Void = echo(loop, pair.ours)
      async let sends = loop.sendAll(pair.theirs, Buffer(pattern: size), pieces: 3)
      let received = try await loop.receiveAll(pair.theirs, into: returned, pieces: 5)
      #expect(received == size)
      let count = try await sends
      loop.driver.shutdown(pair.theirs, .both)
      try await echoed
      loop.driver.close(pair.theirs)
      loop.driver.close(pair.ours)
      return count
    }
    #expect(returned.equals(Buffer(pattern: size)))
    if size == Self.sizes.last { #expect(sends > 1, "no send was short: continuing was not tried") }
  }
}

private func echo(_ loop: EventLoop, _ descriptor: Int32) async throws(IOFailure) {
  let buffer = Buffer(count: 200_001)
  while true {
    let (regions, count) = buffer.regions(pieces: 4)
    let received = try await loop.receive(descriptor, into: regions, count: count)
    if received == 0 { return }
    try await loop.sendAll(descriptor, buffer, count: received, pieces: 2)
  }
}

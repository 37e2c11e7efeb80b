import Base
import Glibc
import Testing

@testable import IO

@Suite(.patience)
struct OutboundConnectionTests {
  @Test(arguments: realDrivers, ["127.0.0.1", "localhost"])
  func bytesGoBothWays(kind: DriverKind, host: String) async throws {
    let listener = try ListeningSocket.open(host: "127.0.0.1", port: 0)
    let port = ListeningSocket.port(of: listener)
    let sent = Buffer(pattern: 3_000_000)
    let returned = Buffer(count: 3_000_000)
    let server = Thread(name: "echo") {
      let peer = accept(listener, __SOCKADDR_ARG(__sockaddr__: nil), nil)
      let bytes = Sockets.read(peer, count: 3_000_000)
      Sockets.write(peer, bytes)
      Glibc.close(peer)
    }
    try await onLoop(kind) { loop in
      let deadline = loop.now + 60_000_000_000
      let connection = try await OutboundConnection(
        to: HostAndPort(host: host, port: port), on: loop, deadline: deadline)
      try await connection.send(UnsafeRawBufferPointer(sent.bytes), deadline: deadline)
      var received = 0
      while received < returned.bytes.count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: returned.bytes[received...])
        let count = try await connection.receive(into: rest, deadline: deadline)
        try #require(count > 0)
        received += count
      }
      try await expect(connection.receive(into: returned.bytes, deadline: deadline), 0)
    }
    server.join()
    Glibc.close(listener)
    #expect(returned.equals(sent))
  }

  @Test(arguments: realDrivers)
  func aPortWhereNothingListensRefuses(kind: DriverKind) async throws {
    let listener = try ListeningSocket.open(host: "127.0.0.1", port: 0)
    let port = ListeningSocket.port(of: listener)
    Glibc.close(listener)
    try await onLoop(kind) { loop in
      let failure = await #expect(throws: OutboundConnection.Failure.self) {
        try await OutboundConnection(
          to: HostAndPort(host: "127.0.0.1", port: port), on: loop, deadline: loop.now + 60_000_000_000)
      }
      #expect(failure == .io(.refused))
    }
  }

  /// The resolver of the system may take a minute; a server that ends must not wait for it.
  @Test(arguments: realDrivers)
  func aResolverThatHangsIsWaitedForUntilTheDeadline(kind: DriverKind) async throws {
    let target = HostAndPort(host: "slow.example", port: 1)
    try await onLoop(kind) { loop in
      let deadline = loop.now + 50_000_000
      let answer = await NameLookup.address(of: target, on: loop, deadline: deadline) { _ in
        sleep(2)
        return nil
      }
      #expect(answer == nil)
      #expect(loop.now >= deadline && loop.now < deadline + 1_500_000_000)
    }
  }

  @Test(arguments: realDrivers)
  func theAnswerOfAResolverEndsTheWait(kind: DriverKind) async throws {
    let target = HostAndPort(host: "some.example", port: 1)
    try await onLoop(kind) { loop in
      let answer = await NameLookup.address(of: target, on: loop, deadline: EventLoop.never) { target in
        usleep(20_000)
        return SocketAddress(IPAddress("10.0.0.7")!, port: target.port)
      }
      #expect(answer?.family == AF_INET)
    }
  }

  @Test func pausesDoubleUpToAMost() {
    var pauses = Backoff(nanoseconds: 3...20)
    #expect((0..<5).map { _ in pauses.next() } == [3, 6, 12, 20, 20])
    pauses.reset()
    #expect(pauses.next() == 3)
  }
}

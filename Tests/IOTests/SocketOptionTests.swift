import Base
import Glibc
import Testing

@testable import IO

/// The options of accepted connections and listeners, as the kernel reports them.
@Suite(.patience)
struct SocketOptionTests {
  @Test(arguments: realDrivers)
  func anAcceptedConnectionIsSetAsDocumented(kind: DriverKind) async throws {
    let listener = try ListeningSocket.open(host: "127.0.0.1", port: 0)
    let port = ListeningSocket.port(of: listener)
    try await onLoop(kind) { loop in
      async let accepted = loop.accept(listener)
      await loop.settle()
      let client = try Sockets.connect(port: port)
      let descriptor = try await accepted
      let tcp = Int32(IPPROTO_TCP)
      #expect(option(descriptor, SOL_SOCKET, SO_KEEPALIVE) == 1)
      #expect(option(descriptor, tcp, TCP_KEEPIDLE) == 60)
      #expect(option(descriptor, tcp, TCP_KEEPINTVL) == 15)
      #expect(option(descriptor, tcp, TCP_KEEPCNT) == 4)
      #expect(option(descriptor, tcp, TCP_USER_TIMEOUT) == 120_000)
      #expect(option(descriptor, tcp, TCP_NOTSENT_LOWAT) == 524_288)
      // In a crowd each gets less.
      loop.driver.limitUnsent(descriptor, bytes: 64 * 1024)
      #expect(option(descriptor, tcp, TCP_NOTSENT_LOWAT) == 65_536)
      Glibc.close(client)
      loop.driver.close(descriptor)
      loop.driver.close(listener)
    }
  }

  /// A second process must not share the port silently, and a restart must not wait for old connections to end.
  @Test func aListenerMayFollowAnotherAndShareWithNobody() throws {
    let listener = try ListeningSocket.open(host: "127.0.0.1", port: 0)
    defer { Glibc.close(listener) }
    #expect(option(listener, SOL_SOCKET, SO_REUSEADDR) == 1)
    #expect(option(listener, SOL_SOCKET, SO_REUSEPORT) == 0)
  }
}

private func option(_ descriptor: Int32, _ level: Int32, _ name: Int32) -> Int32? {
  var value: Int32 = -1
  var bytes = socklen_t(MemoryLayout<Int32>.size)
  return getsockopt(descriptor, level, name, &value, &bytes) == 0 ? value : nil
}

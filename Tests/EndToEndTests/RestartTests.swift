import Foundation
import Testing

/// A server that starts right after another has ended.
@Suite
struct RestartTests {
  /// The side that closes first keeps the address for a minute (TIME_WAIT), and a drain closes first.
  @Test(arguments: IODriver.available)
  func aRestartOnTheSamePortDoesNotWaitForOldConnections(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let clients = try (0..<4).map { _ in try server.lm() }
    for client in clients { #expect(try client.health()) }
    #expect(try server.stop() == .exited(0))
    for client in clients {
      #expect(try client.peer.isClosedSilently())
      client.peer.close()
    }
    #expect(!Self.isFree(server.port), "old connections still hold the port, or this proves nothing")
    let next = try RunningServer(driver, port: server.port)
    #expect(next.port == server.port)
    #expect(try next.lm().health())
  }

  /// Whether a process without special options could take the port.
  private static func isFree(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafeBytes(of: &address) { bytes in
      let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!
      return bind(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: pointer), socklen_t(bytes.count)) == 0
    }
  }
}

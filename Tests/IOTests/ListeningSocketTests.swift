import Glibc
import Testing

@testable import IO

/// The addresses of a listener, and its errors.
@Suite
struct ListeningSocketTests {
  @Test
  func aTakenPortIsSaidClearly() throws {
    let first = try ListeningSocket.open(host: "127.0.0.1", port: 0)
    defer { Glibc.close(first) }
    let port = ListeningSocket.port(of: first)
    let failure = #expect(throws: ListeningSocket.Failure.self) {
      try ListeningSocket.open(host: "127.0.0.1", port: port)
    }
    #expect(failure?.description == "cannot listen on 127.0.0.1:\(port): the port is taken by another process")
  }

  @Test(arguments: ["", "::", "*"])
  func noHostMeansBothFamilies(host: String) throws {
    let listener = try ListeningSocket.open(host: host, port: 0)
    defer { Glibc.close(listener) }
    let port = ListeningSocket.port(of: listener)
    #expect(port != 0)
    Glibc.close(try Sockets.connect(port: port))
    if Self.hasIPv6 { #expect(Sockets.connectsOverIPv6(port: port)) }
  }

  /// A server on only one of two addresses would be invisible to half of its clients.
  @Test(.enabled(if: hasIPv6, "this machine has no IPv6"))
  func aPortTakenInOneFamilyIsTaken() throws {
    let first = try ListeningSocket.open(host: "::1", port: 0)
    defer { Glibc.close(first) }
    let failure = #expect(throws: ListeningSocket.Failure.self) {
      try ListeningSocket.open(host: "", port: ListeningSocket.port(of: first))
    }
    #expect(failure?.description.hasSuffix("the port is taken by another process") == true)
  }

  @Test
  func aNamedHostIsResolvedAndAloneListenedOn() throws {
    let listener = try ListeningSocket.open(host: "127.0.0.1", port: 0)
    defer { Glibc.close(listener) }
    let port = ListeningSocket.port(of: listener)
    Glibc.close(try Sockets.connect(port: port))
    if Self.hasIPv6 { #expect(!Sockets.connectsOverIPv6(port: port)) }
  }

  @Test(arguments: ["no such host", "256.1.1.1", "203.0.113.7"])
  func aBadHostIsNamed(host: String) {
    let failure = #expect(throws: ListeningSocket.Failure.self) {
      try ListeningSocket.open(host: host, port: 0)
    }
    #expect(failure?.description.hasPrefix("cannot listen on ") == true)
    #expect(failure?.description.contains(host) == true)
  }

  /// Read from the kernel, not from the code under test.
  private static let hasIPv6: Bool = {
    let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
    defer { Glibc.close(descriptor) }
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_addr = in6addr_loopback
    return withUnsafeBytes(of: &address) { bytes in
      let pointer = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
      return bind(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: pointer), socklen_t(bytes.count)) == 0
    }
  }()
}

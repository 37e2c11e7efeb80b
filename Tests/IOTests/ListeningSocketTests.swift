import Glibc
import Testing

@testable import IO

/// Where a server listens, and what it says when it cannot.
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
    if hasIPv6 { #expect(Sockets.connectsOverIPv6(port: port)) }
  }

  /// Half of what was asked for would be a server that half of its clients do not find.
  @Test
  func aPortTakenInOneFamilyIsTaken() throws {
    guard hasIPv6 else { return }
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
    if hasIPv6 { #expect(!Sockets.connectsOverIPv6(port: port)) }
  }

  @Test(arguments: ["no such host", "256.1.1.1", "203.0.113.7"])
  func aBadHostIsNamed(host: String) {
    let failure = #expect(throws: ListeningSocket.Failure.self) {
      try ListeningSocket.open(host: host, port: 0)
    }
    #expect(failure?.description.hasPrefix("cannot listen on ") == true)
    #expect(failure?.description.contains(host) == true)
  }

  private var hasIPv6: Bool {
    guard let listener = try? ListeningSocket.open(host: "::1", port: 0) else { return false }
    Glibc.close(listener)
    return true
  }
}

import Base
import Glibc
import Testing

@testable import IO

/// The choice of congestion control, and that connections get it.
@Suite
struct CongestionChoiceTests {
  /// A kernel that allows these names, knows the forbidden ones, and has no others.
  private static func make(
    _ wish: CongestionChoice.Wish, host: String, allowed: [String], forbidden: [String] = []
  ) throws(CongestionRefusal) -> CongestionChoice {
    try CongestionChoice.make(wish, host: host) { name in
      allowed.contains(name) ? 0 : forbidden.contains(name) ? EPERM : ENOENT
    }
  }

  @Test(arguments: ["cubic", "reno", "dctcp", "unknown"])
  func aHostThatDoesNotPaceIsLeftAlone(host: String) throws {
    let choice = try Self.make(.auto, host: host, allowed: ["cubic", "reno", "bbr"])
    #expect(choice.local == host && choice.remote == host)
  }

  @Test(arguments: ["bbr", "bbr2", "bbr1"])
  func whereTheHostPacesPeersOnItGetCubic(host: String) throws {
    let choice = try Self.make(.auto, host: host, allowed: [host, "reno", "cubic"])
    #expect(choice.host == host && choice.local == "cubic" && choice.remote == host)
  }

  @Test func whereCubicIsNotAllowedTheyGetReno() throws {
    let choice = try Self.make(.auto, host: "bbr", allowed: ["bbr", "reno"], forbidden: ["cubic"])
    #expect(choice.local == "reno" && choice.remote == "bbr")
  }

  @Test(arguments: [["bbr"], ["cubic", "reno"]])
  func whatCannotBeGivenOrTakenBackIsNotChanged(allowed: [String]) throws {
    let choice = try Self.make(.auto, host: "bbr", allowed: allowed, forbidden: ["cubic", "bbr"])
    #expect(choice.local == "bbr" && choice.remote == "bbr")
    #expect(choice.reason.contains("the kernel"))
  }

  @Test func aNameIsForEverybody() throws {
    let choice = try Self.make(.named("bbr"), host: "cubic", allowed: ["bbr"])
    #expect(choice.host == "cubic" && choice.local == "bbr" && choice.remote == "bbr")
  }

  @Test func aNameThatIsRefusedIsSaid() {
    #expect(throws: CongestionRefusal(name: "bbr", errno: EPERM)) {
      try Self.make(.named("bbr"), host: "cubic", allowed: [], forbidden: ["bbr"])
    }
    let refusal = #expect(throws: CongestionRefusal.self) { try CongestionChoice.make(.named("no_such")) }
    #expect(refusal?.errno == ENOENT)
    #expect(refusal?.description.contains("tcp_available_congestion_control") == true)
  }

  // MARK: On the real kernel

  /// A control that every kernel has and that is not the host's, so that its effect is visible.
  private static let host = SocketOptions.congestion(of: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)) ?? "none"
  private static let hasTwo = host != "reno"

  private static func accepted(by choice: CongestionChoice) throws -> Sockets.Pair {
    let listener = try ListeningSocket.open(host: "127.0.0.1", port: 0)
    defer { close(listener) }
    choice.prepare(listener: listener)
    let theirs = try Sockets.connect(port: ListeningSocket.port(of: listener))
    let ours = accept(listener, __SOCKADDR_ARG(__sockaddr__: nil), nil)
    try #require(ours >= 0)
    return Sockets.Pair(ours: ours, theirs: theirs)
  }

  private static func end(_ pair: Sockets.Pair) {
    close(pair.ours)
    close(pair.theirs)
  }

  private static var split: CongestionChoice {
    CongestionChoice(host: host, local: "reno", remote: host, reason: "a test")
  }

  @Test(.enabled(if: hasTwo, "this host has nothing but reno"))
  func aPeerOnThisHostBeginsWithItsOwn() throws {
    let pair = try Self.accepted(by: Self.split)
    defer { Self.end(pair) }
    // Before anything is set on it: a socket that was once paced stays paced.
    #expect(SocketOptions.congestion(of: pair.ours) == "reno")
    #expect(!Self.split.settle(pair.ours))
    #expect(SocketOptions.congestion(of: pair.ours) == "reno")
  }

  @Test(.enabled(if: hasTwo, "this host has nothing but reno"))
  func anotherPeerGetsTheHosts() throws {
    let pair = try Self.accepted(by: Self.split)
    defer { Self.end(pair) }
    let isPaced = Self.split.settle(pair.ours) { _ in false }
    #expect(SocketOptions.congestion(of: pair.ours) == Self.host)
    #expect(isPaced == Self.host.hasPrefix("bbr"))
  }

  @Test(.enabled(if: hasTwo, "this host has nothing but reno"))
  func whatARouteGaveStays() throws {
    let pair = try Self.accepted(by: Self.split)
    defer { Self.end(pair) }
    #expect(SocketOptions.setCongestion(pair.ours, to: Self.host) == 0)
    _ = Self.split.settle(pair.ours)
    #expect(SocketOptions.congestion(of: pair.ours) == Self.host)
  }

  @Test func aNameIsGivenWhateverTheConnectionBeganWith() throws {
    let choice = try CongestionChoice.make(.named("reno"))
    let pair = try Self.accepted(by: choice)
    defer { Self.end(pair) }
    #expect(SocketOptions.congestion(of: pair.ours) == "reno")
    #expect(SocketOptions.setCongestion(pair.ours, to: Self.host) == 0)
    #expect(!choice.settle(pair.ours))
    #expect(SocketOptions.congestion(of: pair.ours) == "reno")
  }

  @Test func autoAsksTheRealKernel() throws {
    let choice = try CongestionChoice.make(.auto)
    #expect(choice.host == Self.host && choice.remote == Self.host)
    #expect(!choice.local.hasPrefix("bbr"), "every kernel allows reno")
    let pair = try Self.accepted(by: choice)
    defer { Self.end(pair) }
    #expect(!choice.settle(pair.ours))
    #expect(SocketOptions.congestion(of: pair.ours) == choice.local)
  }

  @Test func whatIsNoSocketIsLeftAlone() {
    #expect(!Self.split.settle(-1))
  }

  // MARK: Peers on this host

  @Test func loopbackIsThisHost() throws {
    let pair = try Sockets.tcpPair()
    defer { Self.end(pair) }
    #expect(SocketAddress.isPeerOnThisHost(pair.ours))
    #expect(SocketAddress.isOwn(IPAddress("127.0.0.1")!))
  }

  /// Addresses reserved for examples, which no machine has.
  @Test(arguments: ["192.0.2.1", "198.51.100.7", "2001:db8::1"])
  func othersAreNot(address: String) throws {
    #expect(!SocketAddress.isOwn(try #require(IPAddress(address))))
  }

  @Test func everyAddressOfAnInterfaceIs() throws {
    for address in Self.interfaceAddresses { #expect(SocketAddress.isOwn(address), "\(address)") }
  }

  /// Addresses that need no scope.
  private static var interfaceAddresses: [IPAddress] {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return [] }
    defer { freeifaddrs(first) }
    var found: [IPAddress] = []
    for entry in sequence(first: first, next: { $0?.pointee.ifa_next }) {
      guard let entry, entry.pointee.ifa_flags & UInt32(IFF_UP) != 0,
        let address = entry.pointee.ifa_addr, Int32(address.pointee.sa_family) == AF_INET
      else { continue }
      let number = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_addr.s_addr }
      found.append(IPAddress(ipv4: UInt32(bigEndian: number)))
    }
    return found
  }
}

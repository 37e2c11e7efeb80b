import Base
import Glibc

/// Looks a name up on a thread of its own: the system's resolver waits for the network, and has no deadline.
enum NameLookup {
  /// The first of its addresses; nil when there is none, or it takes too long.
  static func address(
    of target: HostAndPort, on loop: EventLoop, deadline: UInt64,
    resolve: @escaping @Sendable (HostAndPort) -> SocketAddress? = NameLookup.resolve
  ) async -> SocketAddress? {
    if let address = IPAddress(target.host) { return SocketAddress(address, port: target.port) }
    let answer = Answer()
    let thread = try? Thread.start(name: "resolve") {
      let address = resolve(target)
      answer.state.withLock { $0 = (address, true) }
      loop.nudge()
    }
    guard let thread else { return nil }
    thread.detach()
    while true {
      let (address, isThere) = answer.state.withLock { $0 }
      if isThere || loop.now >= deadline { return address }
      await loop.sleepUntilNudged(nanoseconds: deadline - loop.now)
    }
  }

  private final class Answer: Sendable {
    let state = Guarded<(SocketAddress?, isThere: Bool)>((nil, false))
  }

  private static let resolve: @Sendable (HostAndPort) -> SocketAddress? = { target in
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICSERV
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(target.host, String(target.port), &hints, &found) == 0, let found else { return nil }
    defer { freeaddrinfo(found) }
    return SocketAddress(found.pointee)
  }
}

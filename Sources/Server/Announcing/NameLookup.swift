import Base
import Glibc
import IO

/// Looks a name up on a thread of its own: the system's resolver waits for the network.
enum NameLookup {
  static func address(of host: String) async -> IPAddress? {
    if let address = IPAddress(host) { return address }
    let answer = Mailbox<IPAddress?>()
    guard let thread = try? Thread.start(name: "resolve", { answer.send(resolve(host)) }) else { return nil }
    thread.detach()
    return await answer.next() ?? nil
  }

  private static func resolve(_ host: String) -> IPAddress? {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &found) == 0, let found else { return nil }
    defer { freeaddrinfo(found) }
    let address = UnsafeRawPointer(found.pointee.ai_addr!)
    switch found.pointee.ai_family {
    case AF_INET:
      return IPAddress(ipv4: UInt32(bigEndian: address.load(as: sockaddr_in.self).sin_addr.s_addr))
    case AF_INET6: return IPAddress(address.load(as: sockaddr_in6.self).sin6_addr)
    default: return nil
    }
  }
}

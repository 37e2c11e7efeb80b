import Base
import Glibc

/// Opens the one socket that connections arrive on.
///
/// No SO_REUSEPORT: it would let a second process take the port unseen.
package enum ListeningSocket {
  package struct Failure: Error, Sendable, CustomStringConvertible {
    package let description: String
    fileprivate var isFamilyMissing = false
  }

  /// An empty host means every address, IPv6 and IPv4 alike.
  package static func open(host: String, port: UInt16) throws(Failure) -> Int32 {
    if host.isEmpty || host == "::" || host == "*" {
      do {
        return try bound(host: "::", port: port)
      } catch {
        // Where IPv6 is switched off the IPv4 wildcard is all there is. A port that is taken is another matter.
        guard error.isFamilyMissing else { throw error }
        return try bound(host: "0.0.0.0", port: port)
      }
    }
    return try bound(host: host, port: port)
  }

  package static func port(of listener: Int32) -> UInt16 {
    var storage = sockaddr_storage()
    var bytes = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        let result = getsockname(listener, __SOCKADDR_ARG(__sockaddr__: address), &bytes)
        precondition(result == 0, "getsockname failed with errno \(errno)")
      }
      // The port stands at the same place in both families.
      return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { UInt16(bigEndian: $0.pointee.sin_port) }
    }
  }

  private static func bound(host: String, port: UInt16) throws(Failure) -> Int32 {
    var hints = addrinfo()
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, String(port), &hints, &found)
    guard status == 0, let address = found else {
      throw Failure(description: "cannot listen on '\(host)': \(String(cString: gai_strerror(status)))")
    }
    defer { freeaddrinfo(found) }
    return try bind(address.pointee, name: host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)")
  }

  private static func bind(_ address: addrinfo, name: String) throws(Failure) -> Int32 {
    let descriptor = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failure(name) }
    SocketOptions.set(descriptor, level: SOL_SOCKET, option: SO_REUSEADDR, value: 1)
    if address.ai_family == AF_INET6 {
      SocketOptions.set(descriptor, level: Int32(IPPROTO_IPV6), option: IPV6_V6ONLY, value: 0)
    }
    let target = __CONST_SOCKADDR_ARG(__sockaddr__: address.ai_addr)
    guard Glibc.bind(descriptor, target, address.ai_addrlen) == 0, listen(descriptor, Limits.listenBacklog) == 0
    else {
      let failure = failure(name)
      close(descriptor)
      throw failure
    }
    return descriptor
  }

  private static func failure(_ name: String) -> Failure {
    let number = errno
    let cause = number == EADDRINUSE ? "the port is taken by another process" : String(cString: strerror(number))
    return Failure(
      description: "cannot listen on \(name): \(cause)",
      isFamilyMissing: number == EAFNOSUPPORT || number == EADDRNOTAVAIL)
  }
}

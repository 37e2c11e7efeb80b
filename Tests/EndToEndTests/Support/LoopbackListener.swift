import Foundation

/// Accepts connections on a port of 127.0.0.1 for as long as it exists.
final class LoopbackListener: @unchecked Sendable {
  private var descriptor: Int32
  let port: UInt16

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var byteCount = socklen_t(MemoryLayout<sockaddr_in>.size)
    let own = descriptor
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(own, __CONST_SOCKADDR_ARG(__sockaddr__: address), byteCount) == 0 && listen(own, 64) == 0
          && getsockname(own, __SOCKADDR_ARG(__sockaddr__: address), &byteCount) == 0
      }
    }
    guard result else { throw HarnessFailure("cannot listen: \(String(cString: strerror(errno)))") }
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close() }

  static let hasIPv6: Bool = {
    let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { Foundation.close(descriptor) }
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_addr = in6addr_loopback
    return withUnsafeBytes(of: &address) { bytes in
      let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!
      return bind(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: pointer), socklen_t(bytes.count)) == 0
    }
  }()

  /// The next connection; nil when none came for a moment.
  func accept() -> Int32? {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, 50) == 1 else { return nil }
    var address = sockaddr_in()
    var byteCount = socklen_t(MemoryLayout<sockaddr_in>.size)
    let own = descriptor
    let client = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        Foundation.accept(own, __SOCKADDR_ARG(__sockaddr__: address), &byteCount)
      }
    }
    guard client >= 0 else { return nil }
    var patience = timeval(tv_sec: Peer.patienceSeconds, tv_usec: 0)
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    return client
  }

  func close() {
    guard descriptor >= 0 else { return }
    Foundation.close(descriptor)
    descriptor = -1
  }
}

import Glibc
import Testing

@testable import IO

/// Plain blocking sockets, as of a client of the loop.
enum Sockets {
  struct Pair: Sendable {
    /// The end that the loop under test uses.
    let ours: Int32
    /// The end that the test uses, mostly with ordinary system calls.
    let theirs: Int32
  }

  static func tcpPair() throws -> Pair {
    let listener = try ListeningSocket.open(host: "127.0.0.1", port: 0)
    defer { Glibc.close(listener) }
    let theirs = try connect(port: ListeningSocket.port(of: listener))
    // As the drivers accept: operations wait nevertheless.
    let ours = accept4(listener, __SOCKADDR_ARG(__sockaddr__: nil), nil, Int32(SOCK_NONBLOCK.rawValue))
    try #require(ours >= 0)
    return Pair(ours: ours, theirs: theirs)
  }

  static func localPair() throws -> Pair {
    var descriptors: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &descriptors) == 0, "errno \(errno)")
    return Pair(ours: descriptors[0], theirs: descriptors[1])
  }

  static func connect(port: UInt16) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try #require(descriptor >= 0)
    let address = Address(port: port)
    let result = Glibc.connect(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: address.pointer), address.bytes)
    try #require(result == 0, "connect: errno \(errno)")
    return descriptor
  }

  /// Whether a connection to the IPv6 loopback address succeeds.
  static func connectsOverIPv6(port: UInt16) -> Bool {
    let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
    defer { Glibc.close(descriptor) }
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_port = in_port_t(port).bigEndian
    address.sin6_addr = in6addr_loopback
    return withUnsafeBytes(of: &address) { bytes in
      let pointer = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
      return Glibc.connect(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: pointer), socklen_t(bytes.count)) == 0
    }
  }

  static func write(_ descriptor: Int32, _ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      precondition(count > 0, "send: errno \(errno)")
      sent += count
    }
  }

  static func read(_ descriptor: Int32, count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let received = recv(descriptor, &bytes, count, Int32(MSG_WAITALL))
    return Array(bytes.prefix(max(received, 0)))
  }

  /// Makes the kernel take only a little at a time.
  static func narrow(_ pair: Pair) {
    SocketOptions.set(pair.ours, level: SOL_SOCKET, option: SO_SNDBUF, value: 16 * 1024)
    SocketOptions.set(pair.theirs, level: SOL_SOCKET, option: SO_RCVBUF, value: 16 * 1024)
  }

  /// Waits until the peer's reset has arrived.
  static func awaitEnd(_ descriptor: Int32) {
    var look = pollfd(fd: descriptor, events: 0, revents: 0)
    _ = poll(&look, 1, -1)
  }

  /// Closes so that the peer sees a reset instead of an end.
  static func reset(_ descriptor: Int32) {
    var now = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    Glibc.close(descriptor)
  }
}

/// An IPv4 loopback address at a fixed place while a connect is under way.
final class Address: @unchecked Sendable {
  private let storage = UnsafeMutablePointer<sockaddr_in>.allocate(capacity: 1)
  let bytes = socklen_t(MemoryLayout<sockaddr_in>.size)

  init(port: UInt16, host: UInt32 = 0x7F00_0001) {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(host).bigEndian
    storage.initialize(to: address)
  }

  deinit { storage.deallocate() }

  var pointer: UnsafePointer<sockaddr> { UnsafeRawPointer(storage).assumingMemoryBound(to: sockaddr.self) }
}

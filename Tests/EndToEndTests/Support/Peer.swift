import Foundation
import Glibc

/// A blocking TCP connection to the server. No operation waits for ever.
final class Peer: @unchecked Sendable {
  static let patienceSeconds = 180

  private(set) var descriptor: Int32
  /// What speaks TLS on the way; nil on a plain connection.
  private var veil: Veil?

  /// - Parameter source: the last number of the address of 127.0.0.0/24 to come from.
  init(port: UInt16, family: Int32 = AF_INET, receiveBufferBytes: Int32? = nil, from source: UInt32? = nil) throws {
    descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw HarnessFailure("socket: \(String(cString: strerror(errno)))") }
    if var bytes = receiveBufferBytes {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
    }
    var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
    }
    var yes: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    if let source { try bind(to: 0x7F00_0000 | source) }
    guard family == AF_INET6 ? connect6(port) == 0 : connect4(port) == 0 else {
      let reason = String(cString: strerror(errno))
      close()
      throw HarnessFailure("connect: \(reason)")
    }
  }

  deinit { close() }

  // MARK: Ending

  func close() {
    guard descriptor >= 0 else { return }
    Foundation.close(descriptor)
    descriptor = -1
  }

  /// Ends with a reset, as a process killed in a container may.
  func reset() {
    var now = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    close()
  }

  func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  // MARK: Bytes

  func send(_ bytes: [UInt8]) throws { try send(bytes[...]) }

  func send(_ bytes: ArraySlice<UInt8>) throws {
    if let veil { return try veil.send(bytes) }
    try sendPlainly(bytes)
  }

  /// From here on all that is sent and received passes it.
  func secure(by veil: Veil) throws {
    try veil.shakeHands(over: self)
    self.veil = veil
  }

  func sendPlainly(_ bytes: ArraySlice<UInt8>) throws {
    try bytes.withUnsafeBytes { bytes in
      var sent = 0
      while sent < bytes.count {
        let count = Self.uninterrupted {
          Foundation.send(descriptor, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { throw HarnessFailure("send: \(String(cString: strerror(errno)))") }
        sent += count
      }
    }
  }

  /// Exactly this many bytes.
  func receive(_ count: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, received in
      while received < count {
        let part = try receive(into: buffer.baseAddress! + received, max: count - received)
        guard part > 0 else {
          let reason = part == 0 ? "the end" : String(cString: strerror(errno))
          throw HarnessFailure("receive: \(reason) after \(received) of \(count) bytes")
        }
        received += part
      }
    }
  }

  /// The bytes of one call; empty at the end.
  func receiveSome(max: Int = 65536) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: max) { buffer, received in
      let part = try receive(into: buffer.baseAddress!, max: max)
      guard part >= 0 else { throw HarnessFailure("receive: \(String(cString: strerror(errno)))") }
      received = part
    }
  }

  private func receive(into memory: UnsafeMutablePointer<UInt8>, max: Int) throws -> Int {
    if let veil { return try veil.receive(into: UnsafeMutableRawBufferPointer(start: memory, count: max)) }
    return receivePlainly(into: memory, max: max)
  }

  func receivePlainly(into memory: UnsafeMutableRawPointer, max: Int) -> Int {
    Self.uninterrupted { recv(descriptor, memory, max, 0) }
  }

  /// Everything up to the peer's end.
  func receiveToEnd() throws -> [UInt8] {
    var all: [UInt8] = []
    while true {
      let part = try receiveSome()
      if part.isEmpty { return all }
      all += part
    }
  }

  /// Whether the server closes without sending anything. A reset counts: it follows a close with bytes unread.
  func isClosedSilently() throws -> Bool {
    var byte: UInt8 = 0
    let count = Self.uninterrupted { recv(descriptor, &byte, 1, 0) }
    if count < 0, errno != ECONNRESET { throw HarnessFailure("receive: \(String(cString: strerror(errno)))") }
    return count <= 0
  }

  /// Retries after signals: ended children and CPU limits interrupt waiting calls.
  private static func uninterrupted(_ call: () -> Int) -> Int {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }

  // MARK: Connecting

  private func bind(to number: UInt32) throws {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = number.bigEndian
    let result = withUnsafeBytes(of: &address) { bytes in
      let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!
      return Foundation.bind(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: pointer), socklen_t(bytes.count))
    }
    guard result == 0 else { throw HarnessFailure("bind: \(String(cString: strerror(errno)))") }
  }

  private func connect4(_ port: UInt16) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafeBytes(of: &address, connect)
  }

  private func connect6(_ port: UInt16) -> Int32 {
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_port = port.bigEndian
    address.sin6_addr = in6addr_loopback
    return withUnsafeBytes(of: &address, connect)
  }

  private func connect(_ address: UnsafeRawBufferPointer) -> Int32 {
    let pointer = address.assumingMemoryBound(to: sockaddr.self).baseAddress!
    let result = Foundation.connect(
      descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: pointer), socklen_t(address.count))
    return result == 0 || errno != EINTR ? result : awaitConnection()
  }

  /// The kernel goes on with a connect that it interrupted, as it does where the process waits with a time limit while
  /// one of its rings has work. Asking again would only tell that it is under way.
  private func awaitConnection() -> Int32 {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    var ready: Int32
    repeat { ready = poll(&waiting, 1, Int32(Self.patienceSeconds * 1000)) } while ready < 0 && errno == EINTR
    var failure = ready > 0 ? 0 : ETIMEDOUT
    var bytes = socklen_t(MemoryLayout<Int32>.size)
    if ready > 0 { getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &bytes) }
    errno = failure
    return failure == 0 ? 0 : -1
  }
}

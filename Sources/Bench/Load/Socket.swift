import Glibc

/// A blocking connection that moves whole stretches of bytes or fails.
struct Socket {
  private let descriptor: Int32
  private let spins: Bool
  private static let silenceSecondsMax = 30
  /// About as long, at a few calls a microsecond.
  private static let spinsMax = 100_000_000

  init(to target: Target, nagle: Bool, spins: Bool) throws(Failure) {
    self.spins = spins
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(target.host, String(target.port), &hints, &found)
    guard status == 0, let address = found?.pointee else {
      throw Failure("\(target.name): \(String(cString: gai_strerror(status)))")
    }
    defer { freeaddrinfo(found) }
    descriptor = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
    guard descriptor >= 0, connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 else {
      throw Failure(target.name, code: errno)
    }
    var patience = timeval(tv_sec: Self.silenceSecondsMax, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var one: Int32 = nagle ? 0 : 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
  }

  /// `more` keeps the bytes back until others follow.
  func send(_ bytes: UnsafeRawBufferPointer, more: Bool = false) throws(Failure) {
    let flags = Int32(MSG_NOSIGNAL) | (more ? Int32(MSG_MORE) : 0)
    var sent = 0
    while sent < bytes.count {
      let count = Glibc.send(descriptor, bytes.baseAddress! + sent, bytes.count - sent, flags)
      guard count > 0 else { throw broken("send", count) }
      sent += count
    }
  }

  func receive(_ bytes: UnsafeMutableRawBufferPointer) throws(Failure) {
    try receive(bytes.baseAddress, bytes.count, flags: Int32(MSG_WAITALL))
  }

  /// Takes bytes off the connection without copying them anywhere.
  func discard(_ count: Int) throws(Failure) {
    try receive(nil, count, flags: Int32(MSG_WAITALL) | Int32(MSG_TRUNC))
  }

  private func receive(_ start: UnsafeMutableRawPointer?, _ wanted: Int, flags: Int32) throws(Failure) {
    let flags = spins ? flags & ~Int32(MSG_WAITALL) | Int32(MSG_DONTWAIT) : flags
    var received = 0
    var spinsLeft = Self.spinsMax
    while received < wanted {
      let count = recv(descriptor, start.map { $0 + received }, wanted - received, flags)
      if count > 0 {
        received += count
      } else if spins, count < 0, errno == EAGAIN, spinsLeft > 0 {
        spinsLeft -= 1
      } else {
        throw broken("receive", count)
      }
    }
  }

  private func broken(_ what: String, _ count: Int) -> Failure {
    if count == 0 { return Failure("\(what): the server closed the connection") }
    if errno == EAGAIN { return Failure("\(what): nothing moved for about \(Self.silenceSecondsMax) s") }
    return Failure(what, code: errno)
  }
}

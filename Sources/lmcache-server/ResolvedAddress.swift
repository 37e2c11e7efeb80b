import Glibc

/// A host and port as the kernel wants them.
struct ResolvedAddress: ~Copyable {
  private let found: UnsafeMutablePointer<addrinfo>

  init?(host: String, port: UInt16) {
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICSERV
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &found) == 0, let found else { return nil }
    self.found = found
  }

  deinit { freeaddrinfo(found) }

  var family: Int32 { found.pointee.ai_family }
  var pointer: UnsafePointer<sockaddr> { UnsafePointer(found.pointee.ai_addr) }
  var byteCount: socklen_t { found.pointee.ai_addrlen }
}

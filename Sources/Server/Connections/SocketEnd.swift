import Glibc

/// Where one end of a connection is: an address in numbers, and a port.
struct SocketEnd {
  let host: String
  let port: Int

  /// As CLIENT shows it.
  var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// A number for the host.
  var hostHash: UInt64 {
    // FNV-1a: the same in every process, for lives are replayed.
    host.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// Nil where there is no such thing, as in the simulator.
  static func peer(of descriptor: Int32) -> SocketEnd? {
    read { getpeername(descriptor, __SOCKADDR_ARG(__sockaddr__: $0), $1) }
  }

  static func own(of descriptor: Int32) -> SocketEnd? {
    read { getsockname(descriptor, __SOCKADDR_ARG(__sockaddr__: $0), $1) }
  }

  private static func read(
    _ name: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> SocketEnd? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutableBytes(of: &storage) { bytes in
      let address = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
      guard name(address, &length) == 0 else { return nil }
      var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
      let flags = NI_NUMERICHOST | NI_NUMERICSERV
      guard
        getnameinfo(address, length, &host, socklen_t(host.count), &port, socklen_t(port.count), flags) == 0
      else { return nil }
      return SocketEnd(host: string(host), port: Int(string(port)) ?? 0)
    }
  }

  private static func string(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

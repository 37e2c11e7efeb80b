import Glibc

/// Both ends of a connection, as CLIENT and CLUSTER show them.
enum PeerAddress {
  enum End {
    case peer, own
  }

  /// Empty where there is no such thing, as in the simulator.
  static func text(of descriptor: Int32, _ end: End) -> String {
    guard let (host, port) = parts(of: descriptor, end) else { return "" }
    return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  static func port(of descriptor: Int32, _ end: End) -> Int { parts(of: descriptor, end)?.port ?? 0 }

  /// A number for the client's host; 0 where there is no such thing.
  static func hostHash(of descriptor: Int32) -> UInt64 {
    guard let (host, _) = parts(of: descriptor, .peer) else { return 0 }
    // FNV-1a: the same in every process, for lives are replayed.
    return host.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  private static func parts(of descriptor: Int32, _ end: End) -> (host: String, port: Int)? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutableBytes(of: &storage) { bytes in
      let address = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
      let argument = __SOCKADDR_ARG(__sockaddr__: address)
      let status =
        end == .peer ? getpeername(descriptor, argument, &length) : getsockname(descriptor, argument, &length)
      guard status == 0 else { return nil }
      var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
      let flags = NI_NUMERICHOST | NI_NUMERICSERV
      guard
        getnameinfo(address, length, &host, socklen_t(host.count), &port, socklen_t(port.count), flags) == 0
      else { return nil }
      return (Self.string(host), Int(Self.string(port)) ?? 0)
    }
  }

  private static func string(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

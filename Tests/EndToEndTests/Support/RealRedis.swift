import Foundation

/// A real redis-server on a free port of 127.0.0.1, to compare with. It keeps nothing on disk.
final class RealRedis: Sendable {
  static let program = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  let child: Child
  let port: UInt16

  init(_ flags: [String] = []) throws {
    guard let program = Self.program else {
      throw HarnessFailure("there is no redis-server; scripts/test.sh installs it")
    }
    port = try Self.freePort()
    child = try Child(
      program,
      ["--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"] + flags)
    let port = port
    try eventually("redis-server listens") { (try? Peer(port: port)) != nil }
  }

  private static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isNamed = withUnsafeMutableBytes(of: &address) { bytes in
      let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!
      return bind(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: pointer), length) == 0
        && getsockname(descriptor, __SOCKADDR_ARG(__sockaddr__: pointer), &length) == 0
    }
    guard isNamed else { throw HarnessFailure("no free port") }
    return UInt16(bigEndian: address.sin_port)
  }
}

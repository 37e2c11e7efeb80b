import Base

/// Where a registry that belongs to others is: `redis://[user:password@]host[:port][/db]`, or `rediss://` for TLS.
package struct RedisURL: Equatable, Sendable {
  /// Whether TLS is spoken there.
  package let isSecure: Bool
  package let address: HostAndPort
  package let user: String
  package let password: String?
  package let database: Int

  /// What is wrong with a URL, fit to follow its quotation.
  package enum Failure: Error, Equatable {
    case notRedis, badAddress, badDatabase, badEscape

    package var complaint: String {
      switch self {
      case .notRedis: "is not a redis:// or rediss:// URL"
      case .badAddress: "names no host and port"
      case .badDatabase: "names no database: a number from 0 to \(Limits.redisDatabaseMax) may follow the address"
      case .badEscape: "has a % that no two hexadecimal digits follow"
      }
    }
  }

  package init(_ text: String) throws(Failure) {
    isSecure = text.hasPrefix("rediss://")
    guard isSecure || text.hasPrefix("redis://") else { throw .notRedis }
    var rest = text.dropFirst(isSecure ? "rediss://".count : "redis://".count)
    var credentials: Substring?
    if let at = rest.lastIndex(of: "@") {
      credentials = rest[..<at]
      rest = rest[rest.index(after: at)...]
    }
    let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    address = try Self.address(
      String(parts[0]), standardPort: isSecure ? Limits.redisTLSPortDefault : Limits.redisPortDefault)
    database = try Self.database(parts.count == 2 ? parts[1] : "")
    let colon = credentials?.firstIndex(of: ":")
    if let credentials, let colon {
      user = try Self.unescaped(credentials[..<colon])
      password = try Self.unescaped(credentials[credentials.index(after: colon)...])
    } else {
      // Without a colon it is a user without a password, whom no Redis asks for one.
      user = try Self.unescaped(credentials ?? "")
      password = nil
    }
  }

  private static func address(_ text: String, standardPort: UInt16) throws(Failure) -> HostAndPort {
    let withPort = text.hasSuffix("]") || !text.contains(":") ? "\(text):\(standardPort)" : text
    guard let address = HostAndPort(withPort), !address.host.isEmpty, address.port > 0 else { throw .badAddress }
    return address
  }

  private static func database(_ text: Substring) throws(Failure) -> Int {
    if text.isEmpty { return 0 }
    guard let number = DecimalDigits.parse(text), number <= Limits.redisDatabaseMax else { throw .badDatabase }
    return number
  }

  private static func unescaped(_ text: Substring) throws(Failure) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
        throw .badEscape
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

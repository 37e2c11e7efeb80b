import Glibc

/// What the first bytes of a reply say.
enum Reply: Equatable {
  case hit
  case miss
  /// An error reply of the server, with its length.
  case error(bytes: Int)
  case incomplete
  /// No reply of this dialect.
  case unexpected

  static func judge(_ bytes: UnsafeRawBufferPointer, expecting phrase: Phrase, in dialect: Dialect) -> Reply {
    if begins(bytes, phrase.hit) { return bytes.count >= phrase.hit.count ? .hit : .incomplete }
    if begins(bytes, phrase.miss) { return bytes.count >= phrase.miss.count ? .miss : .incomplete }
    return isError(bytes, dialect) ? line(bytes) : .unexpected
  }

  /// Compares as many bytes as both have.
  private static func begins(_ bytes: UnsafeRawBufferPointer, _ expected: UnsafeRawBufferPointer) -> Bool {
    guard let start = bytes.baseAddress else { return true }
    return memcmp(start, expected.baseAddress!, min(bytes.count, expected.count)) == 0
  }

  private static func isError(_ bytes: UnsafeRawBufferPointer, _ dialect: Dialect) -> Bool {
    switch dialect {
    case .lm: false
    case .redis: bytes[0] == UInt8(ascii: "-")
    // ERROR, SERVER_ERROR, CLIENT_ERROR
    case .memcached: [UInt8(ascii: "E"), UInt8(ascii: "S"), UInt8(ascii: "C")].contains(bytes[0])
    }
  }

  private static func line(_ bytes: UnsafeRawBufferPointer) -> Reply {
    guard let end = memchr(bytes.baseAddress!, Int32(UInt8(ascii: "\n")), bytes.count) else { return .incomplete }
    return .error(bytes: UnsafeRawPointer(end) - bytes.baseAddress! + 1)
  }
}

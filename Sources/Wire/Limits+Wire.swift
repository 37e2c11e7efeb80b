import Base

extension Limits {
  // MARK: HTTP
  /// The pages take no parameters; what browsers and proxies add fits well.
  package static let httpHeadBytesMax = 8 * 1024
  /// No page takes a body; a small one is skipped to keep the connection, a larger one is not worth reading.
  static let httpBodyBytesMax = 64 * 1024

  // MARK: RESP
  /// A line that holds a number, or an inline command; Redis's own bound.
  package static let respLineBytesMax = 64 * 1024
  /// What is gathered for one request, its bodies aside: a DEL of some ten thousand keys.
  package static let respRequestBytesMax = 4 * 1024 * 1024
  /// Places for arguments that a connection keeps from one request to the next.
  static let respArgumentsKept = 1024
  /// Before AUTH: Redis's own bounds.
  static let respArgumentsUnauthenticatedMax = 10
  static let respBulkBytesUnauthenticatedMax = 16 * 1024

  // MARK: JSON
  /// The pages of this server are three deep; a deeper text is none of them, and would only use up the stack.
  static let jsonDepthMax = 32

  // MARK: Addresses of Redis
  static let redisPortDefault: UInt16 = 6379
  /// Where Redis as a service is reached by TLS.
  static let redisTLSPortDefault: UInt16 = 6380
  /// Redis itself has 16 unless told otherwise; this is what its own clients take for sane.
  static let redisDatabaseMax = 16_383
}

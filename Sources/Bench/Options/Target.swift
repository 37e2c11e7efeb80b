import Glibc

/// A server to measure: `lm://host:port` or `redis://host:port`.
package struct Target: Sendable {
  let name: String
  /// What reports call it.
  let label: String
  let dialect: Dialect
  let host: String
  let port: UInt16
  var serverProcess: pid_t?

  init(parsing text: String) throws(Failure) {
    let bad = Failure("'\(text)' is not lm://host:port or redis://host:port")
    guard let slashes = text.firstRange(of: "://"), let colon = text.lastIndex(of: ":"),
      colon >= slashes.upperBound, let dialect = Dialect(rawValue: String(text[..<slashes.lowerBound])),
      dialect != .memcached,
      let port = UInt16(text[text.index(after: colon)...])
    else { throw bad }
    name = text
    label = text
    self.dialect = dialect
    host = String(text[slashes.upperBound..<colon])
    self.port = port
  }
}

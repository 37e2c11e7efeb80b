import Glibc

/// A server to measure: `[LABEL=]lm://host:port`, `redis://[[user]:password@]host:port` or `memcached://host:port`.
package struct Target: Sendable {
  /// The address as given, without its password.
  let name: String
  /// The target's name in reports.
  let label: String
  let dialect: Dialect
  let host: String
  let port: UInt16
  var user: String?
  var password: String?
  var serverProcess: pid_t?

  init(parsing text: String) throws(Failure) {
    let bad = Failure(
      "'\(text)' is not [LABEL=]lm://host:port, redis://[[user]:password@]host:port or memcached://host:port")
    var address = text[...]
    var label: Substring?
    if let slashes = text.firstRange(of: "://"), let equals = text[..<slashes.lowerBound].firstIndex(of: "=") {
      (label, address) = (text[..<equals], text[text.index(after: equals)...])
    }
    guard let slashes = address.firstRange(of: "://"),
      let dialect = Dialect(rawValue: String(address[..<slashes.lowerBound]))
    else { throw bad }
    var place = address[slashes.upperBound...]
    if let at = place.lastIndex(of: "@") {
      guard dialect == .redis, let colon = place[..<at].firstIndex(of: ":") else { throw bad }
      user = colon == place.startIndex ? nil : String(place[..<colon])
      password = String(place[place.index(after: colon)..<at])
      place = place[place.index(after: at)...]
    }
    guard let colon = place.lastIndex(of: ":"), let port = UInt16(place[place.index(after: colon)...]), port > 0,
      label != ""
    else { throw bad }
    var host = place[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard !host.isEmpty else { throw bad }
    self.dialect = dialect
    self.host = String(host)
    self.port = port
    name = "\(dialect.rawValue)://\(place)"
    self.label = label.map(String.init) ?? name
  }

  /// A word of the command line without its password, fit to be printed.
  static func withoutPassword(_ word: String) -> String {
    guard let target = try? Target(parsing: word), target.password != nil else { return word }
    return target.label == target.name ? target.name : "\(target.label)=\(target.name)"
  }
}

import Glibc

/// A file whose first line is a secret, because editors end it with a newline; or one that is a secret whole.
struct SecretFile {
  let path: String
  /// What gave the path, as a complaint calls it.
  let name: String
  /// What could have been given.
  let example: String

  static let flags = [Flag.requirepass, .adminTokenFile, .tlsKey, .lookupKey]

  func line() throws(OptionFailure) -> [UInt8] {
    guard let text = SystemFiles().text(path) else {
      throw failure("cannot be read: \(String(cString: strerror(errno)))")
    }
    return Array(text.prefix { !$0.isNewline }.utf8)
  }

  func failure(_ complaint: String) -> OptionFailure {
    let message =
      Self.isPath(path)
      ? "\(name) \(OptionFailure.quoted(path)) \(complaint)"
      : "\(name) takes the path of a file; what it was given, which is not shown, \(complaint); for example: \(example)"
    return OptionFailure(message: message, exitCode: ExitCode.flag)
  }

  /// Where a file is meant, some give the secret itself. Hardly one begins as a path does.
  static func isPath(_ text: String) -> Bool { text.hasPrefix("/") || text.hasPrefix(".") }
}

extension SecretFile {
  init(_ path: String, of flag: Flag, _ options: ServerOptions) {
    self.init(path: path, name: options.name(of: flag), example: options.origin(of: flag).example(of: flag))
  }
}

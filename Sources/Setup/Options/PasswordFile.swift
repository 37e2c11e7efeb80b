import Glibc

/// Reads the password that RESP clients must know: the first line of its file, because editors end it with a newline.
package enum PasswordFile {
  package static func read(_ options: ServerOptions) throws(OptionFailure) -> [UInt8] {
    guard let path = options.passwordFile else { return try fromVariable(options.password) }
    // The environment wins over the configuration file.
    if options.password != nil, options.origin(of: .requirepass).isFile { return try fromVariable(options.password) }
    let given = "\(options.name(of: .requirepass)) \(OptionFailure.quoted(path))"
    guard let text = SystemFiles().text(path) else {
      throw OptionFailure(
        message: "\(given) cannot be read: \(String(cString: strerror(errno)))",
        exitCode: ExitCode.flag)
    }
    let password = Array(text.prefix { !$0.isNewline }.utf8)
    guard !password.isEmpty else {
      throw OptionFailure(
        message: "\(given) begins with an empty line instead of a password",
        exitCode: ExitCode.flag)
    }
    return password
  }

  /// Without the variable no password is asked for. An empty one is a secret that did not arrive.
  private static func fromVariable(_ password: String?) throws(OptionFailure) -> [UInt8] {
    guard password != "" else {
      throw OptionFailure(
        message: "\(Flag.passwordVariable) is empty; set it to the password, or unset it to serve everybody",
        exitCode: ExitCode.flag)
    }
    return Array((password ?? "").utf8)
  }
}

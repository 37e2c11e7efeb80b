/// Reads the password that RESP clients must know.
package enum PasswordFile {
  package static func read(_ options: ServerOptions) throws(OptionFailure) -> [UInt8] {
    guard let path = options.passwordFile else { return try fromVariable(options.password) }
    // The environment wins over the configuration file.
    if options.password != nil, options.origin(of: .requirepass).isFile { return try fromVariable(options.password) }
    let file = SecretFile(path, of: .requirepass, options)
    let password = try file.line()
    guard !password.isEmpty else { throw file.failure("begins with an empty line instead of a password") }
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

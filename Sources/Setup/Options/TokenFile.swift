import Base

/// Reads the token of those who administer.
package enum TokenFile {
  /// Nil where no file was named.
  package static func read(_ options: ServerOptions) throws(OptionFailure) -> Secret? {
    guard let path = options.access.adminTokenFile else { return nil }
    let file = SecretFile(path, of: .adminTokenFile, options)
    let token = try file.line()
    // It has to come back as a word of a header field.
    guard (Limits.tokenBytesMin...Limits.tokenBytesMax).contains(token.count),
      token.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw file.failure(
        "does not begin with a token: \(Limits.tokenBytesMin) to \(Limits.tokenBytesMax) characters of"
          + " ASCII without spaces; for example, make one with: openssl rand -hex 32")
    }
    return Secret(token)
  }
}

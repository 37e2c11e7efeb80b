import Base
import Glibc

/// Reads the token of those who administer: the first line of its file, because editors end it with a newline.
package enum TokenFile {
  /// Nil where no file was named.
  package static func read(_ options: ServerOptions) throws(OptionFailure) -> Secret? {
    guard let path = options.access.adminTokenFile else { return nil }
    let given = "\(options.name(of: .adminTokenFile)) \(OptionFailure.quoted(path))"
    guard let text = SystemFiles().text(path) else {
      throw OptionFailure(
        message: "\(given) cannot be read: \(String(cString: strerror(errno)))", exitCode: ExitCode.flag)
    }
    let token = Array(text.prefix { !$0.isNewline }.utf8)
    // It has to come back as a word of a header field.
    guard (Limits.tokenBytesMin...Limits.tokenBytesMax).contains(token.count),
      token.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw OptionFailure(
        message:
          "\(given) does not begin with a token: \(Limits.tokenBytesMin) to \(Limits.tokenBytesMax) characters of"
          + " ASCII without spaces; for example, make one with: openssl rand -hex 32",
        exitCode: ExitCode.flag)
    }
    return Secret(token)
  }
}

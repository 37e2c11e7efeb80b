import Base

/// What `--print-config` prints: each setting with its value and where that came from, as a configuration file that
/// says the same. What was not given, and what is secret, is a comment there.
package struct ConfigurationListing {
  private let options: ServerOptions

  package init(_ options: ServerOptions) { self.options = options }

  package var text: String {
    var lines = ["# lmcache-server \(Version.current) would start with this."]
    if let file = options.configuration { lines.append("# \(file.path): \(file.reason).") }
    lines += Flag.inFiles.map(line)
    if options.password != nil {
      lines.append("# The password of RESP clients is set by \(Flag.passwordVariable), and is not shown.")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func line(_ flag: Flag) -> String {
    guard let setting = options.given[flag] else { return "# \(flag.fileName): default, \(flag.standard)" }
    let shown = setting.shownText
    let name = shown == setting.text ? flag.fileName : "# \(flag.fileName)"
    return "\(name): \(Self.scalar(shown))  # \(source(of: flag, setting))"
  }

  private func source(of flag: Flag, _ setting: Setting) -> String {
    setting.origin == .positional ? "argument" : setting.origin.name(of: flag)
  }

  /// As YAML reads it back, whatever is in it.
  static func scalar(_ text: String) -> String {
    let isPlain =
      text.utf8.allSatisfy { (byte: UInt8) in
        let character = Character(Unicode.Scalar(byte))
        return byte < 0x80 && (character.isLetter || character.isNumber || "_./:%".contains(character))
      } && text.first.map { $0.isLetter || $0.isNumber || $0 == "/" } ?? false
    guard isPlain, !text.hasSuffix(":"), text.lowercased() != "null" else { return "\"\(LogEscape.json(text))\"" }
    return text
  }
}

extension Setting {
  /// The value as a listing may show it: without what is secret in it.
  package var shownText: String {
    if flag.isSecret || SecretFile.flags.contains(flag) && !SecretFile.isPath(text) { return "not shown" }
    return Credentials.hidden(in: text)
  }
}

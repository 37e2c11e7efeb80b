import Base

/// Why the server did not start: one line for a person, and the status to exit with.
package struct OptionFailure: Error, Equatable, Sendable, CustomStringConvertible {
  package let message: String
  package let exitCode: Int32

  package init(message: String, exitCode: Int32) {
    self.message = message
    self.exitCode = exitCode
  }

  package var description: String { message }

  /// What was typed, fit for one line: without a URL's password, cut when long, control characters shown and not obeyed.
  static func quoted(_ typed: String) -> String {
    let text = Credentials.hidden(in: typed)
    var shown = ""
    for scalar in text.unicodeScalars.prefix(Limits.quotedScalarsMax) {
      let isControl = scalar.properties.generalCategory == .control
      shown += isControl ? scalar.escaped(asASCII: true) : String(Character(scalar))
    }
    return "'\(shown)\(text.unicodeScalars.count > Limits.quotedScalarsMax ? "…" : "")'"
  }
}

/// The statuses of a process that was asked for something it cannot do.
package enum ExitCode {
  /// What LMCache's own server answers to a command line of the form `<host> <port> [device]` it does not understand.
  package static let positional: Int32 = 1
  /// What tools with flags answer to a bad one.
  package static let flag: Int32 = 2
  /// The command line is fine, the machine is not.
  package static let machine: Int32 = 1
}

/// What was typed may hold a secret, which belongs in no log.
enum Credentials {
  /// The text without the user and the password of a URL, whether its scheme was typed or not.
  static func hidden(in text: String) -> String {
    guard let at = text.lastIndex(of: "@") else { return text }
    if let scheme = text.firstRange(of: "://"), scheme.upperBound <= at {
      return text[..<scheme.upperBound] + "not-shown" + text[at...]
    }
    let isPath = text.hasPrefix("/")
    return !isPath && text[..<at].contains(":") ? "not-shown" + text[at...] : text
  }
}

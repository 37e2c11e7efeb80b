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

  /// What somebody typed, fit for one line: cut when long, control characters shown and not obeyed.
  static func quoted(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars.prefix(Limits.quotedScalarsMax) {
      let isControl = scalar.properties.generalCategory == .control
      shown += isControl ? scalar.escaped(asASCII: true) : String(Character(scalar))
    }
    return "'\(shown)\(text.unicodeScalars.count > Limits.quotedScalarsMax ? "…" : "")'"
  }
}

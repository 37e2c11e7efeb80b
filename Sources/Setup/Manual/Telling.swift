import Manual

/// A command that only prints what the program knows of itself.
package enum Telling: Equatable, Sendable {
  case completions(Shell)
  case manual
  case sample

  /// Nil where the words ask for something else.
  init?(_ arguments: [String]) throws(OptionFailure) {
    guard let word = arguments.first else { return nil }
    let rest = arguments.dropFirst()
    switch word {
    case ServerCommands.completions.word:
      guard rest.count == 1, let shell = rest.first.flatMap(Shell.init(rawValue:)) else {
        throw OptionFailure(
          message: "\(word) takes one of \(Shell.placeholder); for example: lmcache-server \(word) bash",
          exitCode: ExitCode.flag)
      }
      self = .completions(shell)
    case ServerCommands.manual.word:
      try Self.refuse(rest, behind: word)
      self = .manual
    case ServerCommands.sample.word:
      try Self.refuse(rest, behind: word)
      self = .sample
    default: return nil
    }
  }

  package var text: String {
    switch self {
    case .completions(let shell): shell.completions(of: ServerManual.manual)
    case .manual: ManualPage(ServerManual.manual).text
    case .sample: ConfigurationSample.text
    }
  }

  private static func refuse(_ rest: ArraySlice<String>, behind word: String) throws(OptionFailure) {
    guard rest.isEmpty else {
      throw OptionFailure(message: "\(word) takes nothing; say just lmcache-server \(word)", exitCode: ExitCode.flag)
    }
  }
}

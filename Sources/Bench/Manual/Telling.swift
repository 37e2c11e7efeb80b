import Manual

/// What the benchmark prints of itself instead of measuring.
package enum Telling: Equatable, Sendable {
  case help
  case manual
  case completions(Shell)

  /// Nil where the words ask for a measurement.
  package init?(_ arguments: [String]) throws(Failure) {
    if arguments.contains("--help") || arguments.contains("-h") {
      self = .help
    } else if arguments.first == BenchCommands.manual.word {
      guard arguments.count == 1 else { throw Failure("man takes nothing; say just lmcache-bench man") }
      self = .manual
    } else if arguments.first == BenchCommands.completions.word {
      guard arguments.count == 2, let shell = Shell(rawValue: arguments[1]) else {
        throw Failure("completions takes one of \(Shell.placeholder); for example: lmcache-bench completions bash")
      }
      self = .completions(shell)
    } else {
      return nil
    }
  }

  package var text: String {
    switch self {
    case .help: Usage.text
    case .manual: ManualPage(Usage.manual).text
    case .completions(let shell): shell.completions(of: Usage.manual)
    }
  }
}

import Manual

/// The records of the benchmark's commands: a load each, and those that print what it knows of itself.
enum BenchCommands {
  static let all =
    Workload.allCases.map { ManualCommand($0.rawValue, takes: "TARGET", $0.meaning, takesProgramOptions: true) }
    + telling

  static let completions = ManualCommand(
    "completions", takes: Shell.placeholder, "prints what completes this command line in a shell")
  static let manual = ManualCommand("man", "prints the manual page, for man -l -")
  private static let telling = [completions, manual]
}

extension Workload {
  fileprivate var meaning: String {
    switch self {
    case .get: "read values that were stored beforehand"
    case .put: "store values again that were stored beforehand"
    case .exist: "ask for values that were stored beforehand"
    case .fill: "store every value for the first time; each round has keys of its own"
    case .mixed: "all of it, as --mix says"
    case .churn: "store new values, read each twice: --keys fill the store first, so that it has to evict"
    case .existBeside: "ask on one connection, beside others that move values (GiB/s is then theirs)"
    case .session:
      "what an engine does with each prompt: EXIST along the prefix to the first miss, GET what was found, PUT the rest"
    }
  }
}

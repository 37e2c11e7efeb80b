import Manual

/// The records of the commands beside serving: the help, the manual page and the completions of shells tell of them.
package enum ServerCommands {
  static let all = Tool.allCases.map(\.manual) + [disk, completions, manual, sample]

  static let disk = ManualCommand(
    DiskCommand.word, takes: "DIR", "what a directory of --disk holds, while no server runs",
    options: [
      ManualOption("--verify", "reads every value and compares it with its checksums"),
      ManualOption("--keys", "lists the keys and nothing else"),
    ])

  static let completions = ManualCommand(
    "completions", takes: Shell.placeholder, "prints what completes this command line in a shell")

  static let manual = ManualCommand("man", "prints the manual page, for man -l -")

  static let sample = ManualCommand("sample-config", "prints a configuration file with all settings as comments")

  /// Whether a command line that begins with this word is none of the server's own form, `<host> <port>`.
  static func isCommand(_ word: String) -> Bool { all.contains { $0.word == word } }

  /// The lines of the help.
  static var usage: String {
    all.map { command in
      let call = "lmcache-server \(command.call)"
      let gap = max(1, callWidth - call.count)
      return "  " + call + String(repeating: " ", count: gap) + command.meaning
    }.joined(separator: "\n")
  }

  private static let callWidth = 45
}

/// A shell that completes what is typed, by a script that the program prints.
package enum Shell: String, CaseIterable, Sendable {
  case bash, zsh, fish

  /// What `completions bash|zsh|fish` takes.
  package static let placeholder = allCases.map(\.rawValue).joined(separator: "|")

  package func completions(of manual: Manual) -> String {
    switch self {
    case .bash: BashCompletions(manual).text
    case .zsh: ZshCompletions(manual).text
    case .fish: FishCompletions(manual).text
    }
  }

  /// In single quotes, where bash and zsh leave all but the quote itself as it is.
  static func quoted(_ text: String) -> String {
    "'" + text.map { $0 == "'" ? "'\\''" : String($0) }.joined() + "'"
  }
}

/// A command of a program, as its help, its manual page and completions tell of it.
package struct ManualCommand: Sendable {
  package let word: String
  /// What stands behind the word, such as `HOST PORT`. Words in small letters are offered as they are.
  package let arguments: String
  package let meaning: String
  package let options: [ManualOption]
  /// Whether it takes what the program takes without a command.
  package let takesProgramOptions: Bool

  package init(
    _ word: String, takes arguments: String = "", _ meaning: String, options: [ManualOption] = [],
    takesProgramOptions: Bool = false
  ) {
    self.word = word
    self.arguments = arguments
    self.meaning = meaning
    self.options = options
    self.takesProgramOptions = takesProgramOptions
  }

  private static let optionsToName = 4

  /// The word and all that may follow; of many options only that there are some.
  package var call: String {
    guard options.count < Self.optionsToName else { return [word, arguments, "[flags]"].joined(separator: " ") }
    let flags = options.map { $0.placeholder.isEmpty ? $0.name : "\($0.name) \($0.placeholder)" }
    return ([word, arguments] + flags.map { "[\($0)]" }).filter { !$0.isEmpty }.joined(separator: " ")
  }
}

/// The script for fish.
struct FishCompletions {
  private let manual: Manual

  init(_ manual: Manual) { self.manual = manual }

  var text: String {
    let own = manual.ownCommands
    let others = "not __fish_seen_subcommand_from " + own.map(\.word).joined(separator: " ")
    var lines = [
      "# Completions of \(manual.program) for fish: `\(manual.program) completions fish` prints them.",
      "complete -c \(manual.program) -f",
    ]
    lines += manual.commands.map {
      "complete -c \(manual.program) -n __fish_use_subcommand -a \($0.word) -d \(Self.quoted($0.meaning))"
    }
    lines += manual.options.map { line($0, where: others) }
    for command in own {
      let condition = "__fish_seen_subcommand_from \(command.word)"
      lines += command.options.map { line($0, where: condition) }
      let offer = ValueOffer(command.arguments)
      guard !offer.isEmpty else { continue }
      lines.append("complete -c \(manual.program) -n \(Self.quoted(condition)) \(values(offer))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func line(_ option: ManualOption, where condition: String) -> String {
    let start = "complete -c \(manual.program) -n \(Self.quoted(condition)) -l \(option.name.dropFirst(2))"
    let end = " -d \(Self.quoted(option.brief))"
    let offer = ValueOffer(option.placeholder)
    if option.placeholder.isEmpty { return start + end }
    // Also where the value may be missing: else fish would offer it behind = alone.
    // Names of files are offered where they are wanted, and not beside everything.
    return start + (offer.paths == .files ? " -r" : " -x") + (offer.isEmpty ? "" : " \(values(offer))") + end
  }

  private func values(_ offer: ValueOffer) -> String {
    let words = offer.words.joined(separator: " ")
    return switch offer.paths {
    case .files: words.isEmpty ? "-F" : "-F -a \(Self.quoted(words))"
    case .directories: "-a \(Self.quoted("(__fish_complete_directories) \(words)"))"
    case .none: "-a \(Self.quoted(words))"
    }
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.map { "'\\".contains($0) ? "\\\($0)" : String($0) }.joined() + "'"
  }
}

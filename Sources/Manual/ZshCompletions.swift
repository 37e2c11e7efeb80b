/// The script for zsh: to be sourced, or a file named `_PROGRAM` in a directory of `$fpath`.
struct ZshCompletions {
  private let manual: Manual

  init(_ manual: Manual) { self.manual = manual }

  var text: String {
    let function = "_\(manual.program)"
    return """
      #compdef \(manual.program)
      # Completions of \(manual.program) for zsh: `\(manual.program) completions zsh` prints them.
      \(function)() {
        local -a commands options
        commands=(
      \(manual.commands.map { "    " + Shell.quoted("\($0.word):\($0.meaning)") }.joined(separator: "\n"))
        )
        options=(
      \(manual.options.map { "    " + specification($0) }.joined(separator: "\n"))
        )
        if (( CURRENT == 2 )) && [[ $PREFIX != -* ]]; then
          _describe command commands
          return
        fi
        (( CURRENT == 2 )) || case $words[2] in
      \(manual.ownCommands.map(choice).joined(separator: "\n"))
        esac
        _arguments $options '*: :_default'
      }
      if [[ $funcstack[1] == \(function) ]]; then
        \(function) "$@"
      else
        compdef \(function) \(manual.program)
      fi

      """
  }

  private func choice(of command: ManualCommand) -> String {
    let rest = "'*:" + Self.escaped(command.arguments) + ":\(action(ValueOffer(command.arguments)))'"
    let words = command.options.map(specification) + [rest]
    return "    \(command.word)) shift words; (( CURRENT-- )); _arguments \(words.joined(separator: " ")); return ;;"
  }

  private func specification(_ option: ManualOption) -> String {
    let star = option.repeats ? "*" : ""
    guard !option.placeholder.isEmpty else {
      return Shell.quoted("\(star)\(option.name)[\(Self.escaped(option.brief))]")
    }
    let offered = action(ValueOffer(option.placeholder))
    return Shell.quoted(
      "\(star)\(option.name)=[\(Self.escaped(option.brief))]:\(Self.escaped(option.placeholder)):\(offered)")
  }

  private func action(_ offer: ValueOffer) -> String {
    switch offer.paths {
    case .files: "_files"
    case .directories: "_files -/"
    case .none: offer.words.isEmpty ? " " : "(\(offer.words.joined(separator: " ")))"
    }
  }

  /// Brackets and colons end the parts of a specification.
  private static func escaped(_ text: String) -> String {
    text.map { "[]:\\".contains($0) ? "\\\($0)" : String($0) }.joined()
  }
}

/// The script for bash. It leans on nothing but bash itself.
struct BashCompletions {
  private let manual: Manual

  init(_ manual: Manual) { self.manual = manual }

  var text: String {
    let function = "_" + String(manual.program.map { $0 == "-" ? "_" : $0 })
    let own = manual.ownCommands
    return """
      # Completions of \(manual.program) for bash: `\(manual.program) completions bash` prints them.
      \(function)() {
        local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command= kind=
        # bash makes three words of --name=value.
        if [[ $word == '=' ]]; then
          word=
        elif [[ $before == '=' ]]; then
          before=${COMP_WORDS[COMP_CWORD - 2]}
        fi
        COMPREPLY=()
        ((COMP_CWORD == 1)) || case ${COMP_WORDS[1]} in
          \(own.map(\.word).joined(separator: " | "))) command=${COMP_WORDS[1]} ;;
        esac
        local words=
        case $command:$before in
      \((manual.options.compactMap { value(of: $0, for: "") } + own.flatMap(values)).joined(separator: "\n"))
        esac
        if [[ -z $kind ]]; then
          case $command in
      \(own.map(arguments).joined(separator: "\n"))
            *)
              if [[ $word == -* ]]; then
                words='\(names(manual.options))'
              elif ((COMP_CWORD == 1)); then
                words='\(manual.commands.map(\.word).joined(separator: " "))'
              fi
              ;;
          esac
        fi
        local -a paths=()
        case $kind in
          files) paths=(-f) ;;
          directories) paths=(-d) ;;
        esac
        # What the shell should know of names of files: a slash behind directories, quotes where they are needed.
        ((${#paths[@]} == 0)) || compopt -o filenames 2> /dev/null
        mapfile -t COMPREPLY < <(compgen "${paths[@]}" -W "$words" -- "$word")
      }
      complete -F \(function) \(manual.program)

      """
  }

  private func values(of command: ManualCommand) -> [String] {
    command.options.compactMap { value(of: $0, for: command.word) }
  }

  /// What may follow an option. Of a value that may be missing another option may stand in its place.
  private func value(of option: ManualOption, for command: String) -> String? {
    guard !option.placeholder.isEmpty else { return nil }
    let guarded = option.isValueOptional ? "[[ $word == -* ]] || " : ""
    return "    \(command):\(option.name)) \(guarded){ \(assignments(ValueOffer(option.placeholder))); } ;;"
  }

  private func arguments(of command: ManualCommand) -> String {
    "      \(command.word)) if [[ $word == -* ]]; then words='\(names(command.options))'; else "
      + "\(assignments(ValueOffer(command.arguments))); fi ;;"
  }

  private func assignments(_ offer: ValueOffer) -> String {
    "kind=\(Self.kind(offer.paths)) words='\(offer.words.joined(separator: " "))'"
  }

  private static func kind(_ paths: ValueOffer.Paths) -> String {
    switch paths {
    case .none: "words"
    case .files: "files"
    case .directories: "directories"
    }
  }

  private func names(_ options: [ManualOption]) -> String { options.map(\.name).joined(separator: " ") }
}

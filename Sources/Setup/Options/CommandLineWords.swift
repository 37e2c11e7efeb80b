/// The words of a command line, sorted into flags with their values and the rest.
struct CommandLineWords {
  private(set) var flags: [Flag: Setting] = [:]
  private(set) var positionals: [String] = []

  init(_ arguments: [String]) throws(OptionFailure) {
    var rest = arguments[...]
    while let word = rest.popFirst() {
      guard CommandLineWords.isFlag(word) else {
        positionals.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let flag = try CommandLineWords.flag(named: String(parts[0]))
      let text = try parts.count == 2 ? String(parts[1]) : CommandLineWords.value(of: flag, from: &rest)
      let earlier = flag.repeats ? flags[flag].map { $0.text + "," } : nil
      flags[flag] = Setting(flag: flag, origin: .flag, text: (earlier ?? "") + text)
    }
  }

  /// `-1` is a bad port and not a flag.
  private static func isFlag(_ word: String) -> Bool {
    word.hasPrefix("-") && word.dropFirst().first.map { !$0.isNumber } ?? false
  }

  private static func value(of flag: Flag, from rest: inout ArraySlice<String>) throws(OptionFailure) -> String {
    if flag.isSwitch {
      guard let next = rest.first, Switch(rawValue: next) != nil else { return Switch.yes.rawValue }
      return rest.removeFirst()
    }
    guard let next = rest.first, !next.hasPrefix("--") else {
      throw OptionFailure(
        message: "\(flag.name) needs a value; for example: \(flag.name) \(flag.example)", exitCode: ExitCode.flag)
    }
    rest.removeFirst()
    return next
  }

  private static func flag(named name: String) throws(OptionFailure) -> Flag {
    if let flag = Flag.all.first(where: { $0.name == name }) { return flag }
    let others = ["--help", "--version", OptionParser.showing]
    let names = Flag.all.map(\.name) + others
    if others.contains(name) {
      throw OptionFailure(message: "\(name) takes no value; say just \(name)", exitCode: ExitCode.flag)
    }
    let hint = NearestName.of(name, among: names).map { "did you mean \($0)?" } ?? "--help lists the flags"
    throw OptionFailure(message: "unknown flag \(OptionFailure.quoted(name)): \(hint)", exitCode: ExitCode.flag)
  }
}

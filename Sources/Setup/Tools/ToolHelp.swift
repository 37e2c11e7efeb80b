/// What `--help` behind the name of a tool prints, made from its records.
package enum ToolHelp {
  package static func text(_ tool: Tool) -> String {
    let width = tool.examples.map(\.words.count).max() ?? 0
    let examples = tool.examples.map { words, meaning in
      let gap = String(repeating: " ", count: width - words.count)
      return words.count > exampleColumnsMax || width > exampleColumnsMax
        ? "  lmcache-server \(words)\n      \(meaning)" : "  lmcache-server \(words)\(gap)   \(meaning)"
    }
    return """
      lmcache-server \(tool.rawValue) \(tool.usage) [flags]: \(tool.summary)

      \(tool.notes.joined(separator: "\n\n"))

      Flags, each also as --flag=value:

      \(ToolFlag.all(for: tool).map(entry).joined(separator: "\n"))

      Exit status: \(status(tool))

      Examples:
      \(examples.joined(separator: "\n"))

      """
  }

  /// What is longer has its meaning on a line of its own.
  private static let exampleColumnsMax = 60

  private static func status(_ tool: Tool) -> String {
    switch tool {
    case .probe: "0 well, 1 not well or not reached, 2 a bad flag."
    case .stats: "0 well, 1 not well, 2 bad usage, 3 not reached or refused."
    case .top: "0 ended, 2 bad usage, 3 not reached or refused."
    case .list: "0 listed, 2 bad usage, 3 not reached or refused."
    case .get, .remove: "0 done, 1 not there, 2 bad usage, 3 not reached or refused."
    }
  }

  private static func entry(_ flag: ToolFlag) -> String {
    let letter = flag.letter.map { "-\($0), " } ?? ""
    let value = flag.isSwitch ? "" : " \(flag.placeholder)"
    let standard = flag.isSwitch || flag.standard == "none" ? "" : "; default: \(flag.standard)"
    return "  \(letter)\(flag.name)\(value)\n      \(flag.meaning)\(standard)"
  }
}

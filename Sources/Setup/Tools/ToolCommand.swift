import Base

/// A command that asks a server which runs.
package struct ToolCommand: Equatable, Sendable {
  package let tool: Tool
  package let options: ToolOptions

  /// Reads what follows the tool's name.
  init(_ tool: Tool, _ arguments: ArraySlice<String>) throws(OptionFailure) {
    var options = ToolOptions()
    var words = try Self.words(tool, arguments, &options)
    let place = words.prefix(tool == .probe ? 2 : 1)
    words.removeFirst(place.count)
    options.target = try Self.target(tool, place)
    switch tool {
    case .probe, .stats, .top:
      guard words.isEmpty else { throw Self.misuse(tool) }
    case .list:
      guard words.count <= 1 else { throw Self.misuse(tool) }
    case .get:
      guard words.count == 1, words[0] != "" else { throw Self.misuse(tool) }
    case .remove:
      guard words.count <= Limits.toolKeysMax, !words.contains("") else { throw Self.misuse(tool) }
    }
    options.words = words
    try options.check(tool)
    (self.tool, self.options) = (tool, options)
  }

  /// Sorts flags from words, and returns these.
  private static func words(
    _ tool: Tool, _ arguments: ArraySlice<String>, _ options: inout ToolOptions
  ) throws(OptionFailure) -> [String] {
    var words: [String] = []
    var rest = arguments
    while let argument = rest.popFirst() {
      // Behind it are words alone: a key may begin as flags do.
      if argument == "--" { return words + rest }
      guard argument.hasPrefix("-"), argument.count > 1 else {
        words.append(argument)
        continue
      }
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let flag = try flag(named: String(parts[0]), of: tool)
      var text = parts.count == 2 ? String(parts[1]) : nil
      if flag.isSwitch, text != nil {
        throw OptionFailure(message: "\(flag.name) takes no value; say just \(flag.name)", exitCode: ExitCode.flag)
      }
      if !flag.isSwitch, text == nil { text = rest.popFirst() }
      guard flag.isSwitch || text != nil else {
        throw OptionFailure(
          message: "\(flag.name) needs a value; for example: \(flag.name) \(flag.example)", exitCode: ExitCode.flag)
      }
      try flag.apply(ToolWord(flag: flag, text: text ?? ""), &options)
    }
    return words
  }

  private static func flag(named name: String, of tool: Tool) throws(OptionFailure) -> ToolFlag {
    let flags = ToolFlag.all(for: tool)
    let found = flags.first { $0.name == name || $0.letter.map { "-\($0)" } == name }
    if let found { return found }
    let hint = NearestName.of(name, among: flags.map(\.name)).map { "did you mean \($0)?" }
    let help = "lmcache-server \(tool.rawValue) --help lists the flags"
    throw OptionFailure(
      message: "unknown flag \(OptionFailure.quoted(name)) of \(tool.rawValue): \(hint ?? help)",
      exitCode: ExitCode.flag)
  }

  private static func target(_ tool: Tool, _ place: ArraySlice<String>) throws(OptionFailure) -> HostAndPort {
    if tool == .probe { return try probed(place) }
    guard let text = place.first else { throw misuse(tool) }
    guard let target = HostAndPort(text), !target.host.isEmpty, target.port > 0 else {
      throw OptionFailure(
        message: "\(OptionFailure.quoted(text)) is not HOST:PORT; for example:"
          + " lmcache-server \(tool.examples[0].words)", exitCode: ExitCode.flag)
    }
    return target
  }

  /// In two words, as charts write it.
  static func probed(_ place: ArraySlice<String>) throws(OptionFailure) -> HostAndPort {
    guard place.count == 2, let host = place.first.map(Setting.withoutBrackets), !host.isEmpty, let last = place.last
    else { throw misuse(.probe) }
    let port = Setting(flag: .port, origin: .positional, text: last)
    return HostAndPort(host: host, port: try port.port())
  }

  private static func misuse(_ tool: Tool) -> OptionFailure {
    let example = "for example: lmcache-server \(tool.examples[0].words)"
    return tool == .probe
      ? OptionFailure(message: "probe takes a host, a port and flags of TLS; \(example)", exitCode: ExitCode.positional)
      : OptionFailure(message: "\(tool.rawValue) takes \(tool.usage); \(example)", exitCode: ExitCode.flag)
  }
}

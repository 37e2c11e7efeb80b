/// The manual page, in the language of troff's man macros. It has no date: the package that installs it has one.
package struct ManualPage {
  private let manual: Manual
  /// As long as fits beside a number in an editor: only those who read the source see it.
  private static let width = 100

  package init(_ manual: Manual) { self.manual = manual }

  package var text: String {
    let (title, source) = (manual.program.uppercased(), "\(manual.program) \(manual.version)".trimmed)
    var lines = [
      ".TH \(Self.escaped(title)) 1 \"\" \"\(Self.escaped(source))\"",
      // Names that a person copies are not to be taken apart.
      ".nh", ".SH NAME", "\(Self.escaped(manual.program)) \\- \(Self.escaped(manual.summary))", ".SH SYNOPSIS",
    ]
    for (number, call) in manual.calls.enumerated() {
      if number > 0 { lines.append(".br") }
      lines += [".B \(Self.escaped(manual.program))"] + (call.isEmpty ? [] : Self.filled(call))
    }
    lines += chapter(".SH", "DESCRIPTION", manual.description)
    lines += [".SH COMMANDS"] + manual.commands.flatMap(self.lines)
    lines.append(".SH OPTIONS")
    for group in manual.groups {
      let items = group.options.map(item)
      lines += group.title.isEmpty ? items.flatMap(self.lines) : chapter(".SS", group.title, items)
    }
    for part in manual.chapters { lines += chapter(".SH", part.title.uppercased(), part.passages) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// With its options set in below it.
  private func lines(_ command: ManualCommand) -> [String] {
    let options = command.options.map(item).flatMap(self.lines)
    return lines(.item(command.call, command.meaning + ".")) + (options.isEmpty ? [] : [".RS"] + options + [".RE"])
  }

  private func item(_ option: ManualOption) -> Manual.Passage {
    var sentences = [option.meaning]
    if !option.standard.isEmpty { sentences.append("Default: \(option.standard)") }
    if !option.variable.isEmpty { sentences.append("Variable: \(option.variable)") }
    return .item("\(option.name) \(option.placeholder)", sentences.joined(separator: ". ") + ".")
  }

  private func chapter(_ macro: String, _ title: String, _ passages: [Manual.Passage]) -> [String] {
    var lines = ["\(macro) \(Self.escaped(title))"] + passages.flatMap(self.lines)
    // The title begins a paragraph by itself.
    if lines.count > 1, lines[1] == ".PP" { lines.remove(at: 1) }
    return lines
  }

  private func lines(_ passage: Manual.Passage) -> [String] {
    switch passage {
    case .paragraph(let text): [".PP"] + Self.filled(text)
    case .item(let term, let text):
      [".TP", ".B " + Self.escaped(term.trimmed)] + Self.filled(text)
    case .verbatim(let text):
      [".PP", ".RS 4", ".nf"] + text.split(separator: "\n", omittingEmptySubsequences: false).map(Self.line)
        + [".fi", ".RE"]
    }
  }

  private static func filled(_ text: String) -> [String] { Prose.lines(text, width: width).map { line($0[...]) } }

  /// A point or a quote at the beginning would make a request of it.
  private static func line(_ text: Substring) -> String {
    (text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" : "") + escaped(String(text))
  }

  /// What troff would take for something else, or print as another character than a person has to type.
  private static func escaped(_ text: String) -> String {
    text.map { character in
      switch character {
      case "\\": "\\e"
      case "-": "\\-"
      case "'": "\\(aq"
      case "\"": "\\(dq"
      case "`": "\\(ga"
      case "^": "\\(ha"
      case "~": "\\(ti"
      default: String(character)
      }
    }.joined()
  }
}

extension String {
  fileprivate var trimmed: String { String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)]) }
}

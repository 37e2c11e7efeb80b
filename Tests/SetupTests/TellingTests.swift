import Base
import Manual
import Testing

@testable import Setup

/// What the program prints of itself is what it does.
@Suite
struct TellingTests {
  private static func parse(_ words: String...) throws(OptionFailure) -> Command {
    try OptionParser.parse(words, environment: { _ in nil })
  }

  @Test func itsCommandsAreRead() throws {
    #expect(try Self.parse("man") == .tell(.manual))
    #expect(try Self.parse("completions", "zsh") == .tell(.completions(.zsh)))
    #expect(try Self.parse("sample-config") == .tell(.sample))
    for words in [["man", "x"], ["completions"], ["completions", "csh"], ["sample-config", "--x"]] {
      #expect(throws: OptionFailure.self) { try OptionParser.parse(words, environment: { _ in nil }) }
    }
    for command in ServerCommands.all { #expect(!OptionParser.isPositionalForm([command.word])) }
  }

  @Test func everyFlagIsInThePageAndInEveryShell() {
    let page = Telling.manual.text
    let words = page.split { $0 == "\n" || $0 == " " }.joined(separator: " ")
    let scripts = Shell.allCases.map { Telling.completions($0).text }
    for flag in Flag.all {
      let term = ".B \\-\\-\(flag.word.split(separator: "-").joined(separator: "\\-")) "
      #expect(page.contains("\n\(term)"), "\(flag.name)")
      #expect(words.contains("Variable: \(flag.variable)."), "\(flag.variable)")
      for script in scripts { #expect(script.contains(flag.word), "\(flag.name)") }
    }
    for command in ServerCommands.all {
      #expect(page.contains("\n.B \(command.word.split(separator: "-").joined(separator: "\\-"))"), "\(command.word)")
      for script in scripts { #expect(script.contains(command.word), "\(command.word)") }
    }
  }

  /// The records of `disk` stand beside what reads its words.
  @Test func whatDiskIsSaidToTakeItTakes() throws {
    for option in ServerCommands.disk.options { _ = try Self.parse("disk", "x", option.name) }
  }

  @Test func theSampleConfiguresNothing() throws {
    let bytes = Array(Telling.sample.text.utf8)
    let command = try OptionParser.parse(
      ["--config", "/x"], environment: { _ in nil }, file: { _ throws(OptionFailure) in bytes })
    guard case .serve(let options) = command else { throw OptionFailure(message: "it serves", exitCode: 0) }
    #expect(options.given.count == 1 && options.given[.configuration] != nil)
  }

  @Test(arguments: Flag.inFiles)
  func aLineOfTheSampleIsASetting(flag: Flag) throws {
    let lines = Telling.sample.text.split(separator: "\n")
    let line = try #require(lines.first { $0.hasPrefix("#\(flag.fileName): ") })
    let file = try ConfigurationFile(path: "/x", bytes: Array(line.dropFirst().utf8))
    #expect(file.settings[flag]?.text == flag.example)
    #expect(lines.contains { $0.hasPrefix("# default: ") })
  }
}

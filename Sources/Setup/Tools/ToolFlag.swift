import Base

/// What the commands that ask a server take beside their words. Its record holds all that is to be said about it.
package struct ToolFlag: Sendable {
  /// The name without its dashes.
  package let word: String
  /// A name of one letter, for those that hands know.
  let letter: Character?
  /// Empty for one whose name alone says yes.
  let placeholder: String
  let meaning: String
  let standard: String
  let example: String
  let tools: Set<Tool>
  let apply: @Sendable (ToolWord, inout ToolOptions) throws(OptionFailure) -> Void

  package var name: String { "--" + word }
  var isSwitch: Bool { placeholder.isEmpty }

  init<Value: Sendable>(
    _ word: String, letter: Character? = nil, takes placeholder: String, _ meaning: String, standard: String = "none",
    example: String, for tools: Set<Tool>, sets place: any WritableKeyPath<ToolOptions, Value> & Sendable,
    _ parse: @escaping @Sendable (ToolWord) throws(OptionFailure) -> Value
  ) {
    (self.word, self.letter, self.placeholder, self.meaning) = (word, letter, placeholder, meaning)
    (self.standard, self.example, self.tools) = (standard, example, tools)
    apply = { (word, options) throws(OptionFailure) in options[keyPath: place] = try parse(word) }
  }

  /// One that says yes.
  init(
    _ word: String, _ meaning: String, for tools: Set<Tool>,
    sets place: any WritableKeyPath<ToolOptions, Bool> & Sendable
  ) {
    self.init(
      word, takes: "", meaning, standard: "no", example: "", for: tools, sets: place
    ) { _ throws(OptionFailure) in true }
  }

  static func all(for tool: Tool) -> [ToolFlag] { all.filter { $0.tools.contains(tool) } }
}

extension ToolFlag: Hashable {
  package static func == (left: ToolFlag, right: ToolFlag) -> Bool { left.word == right.word }
  package func hash(into hasher: inout Hasher) { hasher.combine(word) }
}

/// A value as it was given.
struct ToolWord: Sendable {
  let flag: ToolFlag
  let text: String

  func failure(_ complaint: String) -> OptionFailure {
    OptionFailure(
      message: "\(flag.name) \(OptionFailure.quoted(text)) \(complaint); for example: \(flag.name) \(flag.example)",
      exitCode: ExitCode.flag)
  }

  func text(called what: String) throws(OptionFailure) -> String {
    guard !text.isEmpty else { throw failure("is not \(what)") }
    return text
  }

  func number(in range: ClosedRange<Int>, called what: String) throws(OptionFailure) -> Int {
    guard let number = DecimalDigits.parse(text), range.contains(number) else {
      throw failure("is not \(what) from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// Seconds with one decimal at most, in tenths.
  func tenths(upTo seconds: Int) throws(OptionFailure) -> Int {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let (whole, rest) = (parts.first.flatMap { DecimalDigits.parse($0) }, parts.count == 2 ? parts[1] : "0")
    guard let whole, rest.utf8.count == 1, let tenth = DecimalDigits.parse(rest), whole <= seconds,
      (1...seconds * 10).contains(whole * 10 + tenth)
    else { throw failure("is not a number of seconds from 0.1 to \(seconds)") }
    return whole * 10 + tenth
  }
}

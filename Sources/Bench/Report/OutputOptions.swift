/// Where the results go, besides the table.
package struct OutputOptions: Sendable {
  package enum Destination: Equatable, Sendable {
    case standardOutput
    case file(String)
  }

  package var json: Destination?
  package var csv: Destination?
  package var plot: String?

  package init() {}

  /// Takes one of these options with its values. False if the option is another.
  mutating func take(_ option: String, _ reader: inout ArgumentReader) throws(Failure) -> Bool {
    switch option {
    case "--json": json = Self.destination(&reader)
    case "--csv": csv = Self.destination(&reader)
    case "--plot": plot = try reader.value(of: option)
    default: return false
    }
    guard json != .standardOutput || csv != .standardOutput else {
      throw Failure("--json and --csv cannot both go to standard output; name a file for one of them")
    }
    return true
  }

  /// A program that reads standard output must not find the table there.
  var printsTable: Bool { json != .standardOutput && csv != .standardOutput }

  /// The next word is the file unless it is another option or a target.
  private static func destination(_ reader: inout ArgumentReader) -> Destination {
    guard let word = reader.upcoming, word == "-" || !word.hasPrefix("-"), !word.contains("://") else {
      return .standardOutput
    }
    _ = reader.next()
    return word == "-" ? .standardOutput : .file(word)
  }
}

/// What a shell can offer for a value, as its placeholder tells: `auto|off`, `FILE`, `DIR|off`. Of `SIZE` no shell knows
/// more than its reader.
struct ValueOffer: Equatable {
  enum Paths { case none, files, directories }

  var words: [String] = []
  var paths = Paths.none

  init(_ placeholder: String) {
    for part in placeholder.split(whereSeparator: { $0 == "|" || $0 == " " || $0 == "[" || $0 == "]" }) {
      if part.hasPrefix("FILE") { paths = .files }
      if part == "DIR" || part == "PATH" { paths = .directories }
      if !part.hasPrefix("-"), part.utf8.allSatisfy(Self.isOfWord) { words.append(String(part)) }
    }
  }

  var isEmpty: Bool { words.isEmpty && paths == .none }

  /// Nothing that a shell would take for more than a letter.
  private static func isOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
      UInt8(ascii: "-"):
      true
    default: false
    }
  }
}

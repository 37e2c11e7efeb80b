/// Makes foreign text safe for a terminal: characters that move the cursor or change colours become dots.
enum Printable {
  static func text(_ raw: String) -> String {
    var result = ""
    for character in raw.unicodeScalars {
      switch character {
      case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}": result += "."
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}

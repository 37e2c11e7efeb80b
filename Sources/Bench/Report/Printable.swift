/// Text from outside on its way to a terminal: what would move the cursor or change colours becomes a dot.
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

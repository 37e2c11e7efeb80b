/// The text of an SVG. Every name and number passes through here, so that no user input becomes markup.
struct SVGText {
  private(set) var text = #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n"

  mutating func open(_ name: String, _ attributes: KeyValuePairs<String, String>) {
    text += Self.tag(name, attributes) + ">\n"
  }

  mutating func close(_ name: String) { text += "</\(name)>\n" }

  mutating func add(_ name: String, _ attributes: KeyValuePairs<String, String>, content: String? = nil) {
    text += Self.tag(name, attributes)
    text += content.map { ">\(Self.escaped($0))</\(name)>\n" } ?? "/>\n"
  }

  /// A coordinate, to a hundredth of a pixel.
  static func number(_ value: Double) -> String {
    var digits = fixed(value, 2)
    while digits.hasSuffix("0") { digits.removeLast() }
    if digits.hasSuffix(".") { digits.removeLast() }
    return digits
  }

  static func escaped(_ raw: String) -> String {
    var result = ""
    for character in raw.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      // XML cannot represent these.
      case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{FFFE}"..."\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  private static func tag(_ name: String, _ attributes: KeyValuePairs<String, String>) -> String {
    "<\(name)" + attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
  }
}

/// Makes any bytes safe inside a line: no line breaks, no terminal commands, no broken UTF-8.
package enum LogEscape {
  private static let hex = Array("0123456789abcdef".utf8)

  /// Bytes as text that can be turned back: `\` becomes `\\`, a byte that is not UTF-8 becomes `\xff`.
  static func readable(_ bytes: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    var rest = bytes[...]
    while let byte = rest.first {
      let length = scalarLength(rest)
      if length == 0 {
        text += [UInt8(ascii: "\\"), UInt8(ascii: "x"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      } else {
        if byte == UInt8(ascii: "\\") { text.append(byte) }
        text += rest.prefix(length)
      }
      rest = rest.dropFirst(max(length, 1))
    }
    return text
  }

  /// Appends valid UTF-8 with control characters escaped as JSON does; with `quotes` also what would end a JSON string.
  static func append(_ text: [UInt8], quotes: Bool, to line: inout [UInt8]) {
    var index = 0
    while index < text.count {
      let byte = text[index]
      index += 1
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        if quotes { line.append(UInt8(ascii: "\\")) }
        line.append(byte)
      case UInt8(ascii: "\n"): line += "\\n".utf8
      case UInt8(ascii: "\r"): line += "\\r".utf8
      case UInt8(ascii: "\t"): line += "\\t".utf8
      case 0..<0x20, 0x7F: appendUnicode(byte, to: &line)
      case 0xC2 where index < text.count && text[index] < 0xA0:
        // U+0080 to U+009F are commands to some terminals.
        appendUnicode(text[index], to: &line)
        index += 1
      default: line.append(byte)
      }
    }
  }

  /// Whether a value needs no quotes in a text line.
  static func isBare(_ text: [UInt8]) -> Bool {
    !text.isEmpty
      && text.allSatisfy {
        $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "\\")
      }
  }

  /// No more than a line should carry, cut between characters.
  static func cut(_ text: String.UTF8View) -> [UInt8] {
    guard text.count > Limits.logValueBytesMax else { return Array(text) }
    var kept = Array(text.prefix(Limits.logValueBytesMax + 1))
    // The first byte left out must begin a character.
    while let last = kept.popLast(), last & 0xC0 == 0x80 {}
    return kept + "…".utf8
  }

  static func cutBytes(_ bytes: [UInt8]) -> [UInt8] {
    bytes.count > Limits.logValueBytesMax ? bytes.prefix(Limits.logValueBytesMax) + Array("…".utf8) : bytes
  }

  private static func appendUnicode(_ byte: UInt8, to line: inout [UInt8]) {
    line += "\\u00".utf8
    line.append(hex[Int(byte >> 4)])
    line.append(hex[Int(byte & 15)])
  }

  /// The length of the well-formed scalar at the front, or 0 when there is none.
  private static func scalarLength(_ bytes: ArraySlice<UInt8>) -> Int {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return 0 }
    return UTF8.width(scalar)
  }

  /// Any bytes as a part of a line, which can be turned back.
  package static func line(_ bytes: [UInt8]) -> String {
    var line: [UInt8] = []
    append(readable(bytes), quotes: false, to: &line)
    return String(decoding: line, as: UTF8.self)
  }

  /// Text as it stands between the quotes of a JSON string.
  package static func json(_ text: String) -> String {
    var line: [UInt8] = []
    append(Array(text.utf8), quotes: true, to: &line)
    return String(decoding: line, as: UTF8.self)
  }
}

import Base

/// A text in JSON, as those who ask a server for its pages read it.
package enum JSONElement: Equatable, Sendable {
  case object([String: JSONElement])
  case array([JSONElement])
  case string(String)
  case number(Double)
  case bool(Bool)
  case null

  /// Nil for what is not one whole JSON text. Its caller bounds how long it is.
  package init?(_ text: [UInt8]) {
    var reader = JSONReader(text)
    guard let element = reader.element(depth: 0), reader.isAtEnd else { return nil }
    self = element
  }

  // MARK: What is asked of it

  package subscript(name: String) -> JSONElement? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  package var elements: [JSONElement] { if case .array(let elements) = self { elements } else { [] } }
  package var members: [String: JSONElement] { if case .object(let members) = self { members } else { [:] } }
  package var string: String? { if case .string(let text) = self { text } else { nil } }
  package var number: Double? { if case .number(let number) = self { number } else { nil } }
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
}

/// Takes a text apart from its beginning.
private struct JSONReader {
  private let text: [UInt8]
  private var place = 0

  init(_ text: [UInt8]) { self.text = text }

  /// Only blanks are left.
  var isAtEnd: Bool {
    mutating get {
      skipBlanks()
      return place == text.count
    }
  }

  private var byte: UInt8? { place < text.count ? text[place] : nil }

  private mutating func skipBlanks() {
    while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
  }

  private mutating func takes(_ wanted: UInt8) -> Bool {
    skipBlanks()
    guard byte == wanted else { return false }
    place += 1
    return true
  }

  private mutating func takes(word: String) -> Bool {
    guard text[place...].starts(with: word.utf8) else { return false }
    place += word.utf8.count
    return true
  }

  mutating func element(depth: Int) -> JSONElement? {
    guard depth <= Limits.jsonDepthMax else { return nil }
    skipBlanks()
    switch byte {
    case UInt8(ascii: "{"): return object(depth)
    case UInt8(ascii: "["): return array(depth)
    case UInt8(ascii: "\""): return string().map(JSONElement.string)
    case UInt8(ascii: "t"): return takes(word: "true") ? .bool(true) : nil
    case UInt8(ascii: "f"): return takes(word: "false") ? .bool(false) : nil
    case UInt8(ascii: "n"): return takes(word: "null") ? .null : nil
    default: return number()
    }
  }

  private mutating func object(_ depth: Int) -> JSONElement? {
    place += 1
    var members: [String: JSONElement] = [:]
    if takes(UInt8(ascii: "}")) { return .object(members) }
    repeat {
      skipBlanks()
      guard byte == UInt8(ascii: "\""), let name = string(), takes(UInt8(ascii: ":")),
        let value = element(depth: depth + 1)
      else { return nil }
      members[name] = value
    } while takes(UInt8(ascii: ","))
    return takes(UInt8(ascii: "}")) ? .object(members) : nil
  }

  private mutating func array(_ depth: Int) -> JSONElement? {
    place += 1
    var elements: [JSONElement] = []
    if takes(UInt8(ascii: "]")) { return .array(elements) }
    repeat {
      guard let value = element(depth: depth + 1) else { return nil }
      elements.append(value)
    } while takes(UInt8(ascii: ","))
    return takes(UInt8(ascii: "]")) ? .array(elements) : nil
  }

  private mutating func number() -> JSONElement? {
    let start = place
    while let byte, "+-.eE0123456789".utf8.contains(byte) { place += 1 }
    let word = text[start..<place]
    let digits = word.first == UInt8(ascii: "-") ? word.dropFirst() : word
    // Swift takes more than JSON does for a number.
    guard let first = digits.first, let last = digits.last, (0x30...0x39).contains(first), (0x30...0x39).contains(last),
      let value = Double(String(decoding: word, as: UTF8.self)), value.isFinite
    else { return nil }
    return .number(value)
  }

  private mutating func string() -> String? {
    place += 1
    var bytes: [UInt8] = []
    while let byte {
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let scalar = escaped() else { return nil }
        bytes += String(Character(scalar)).utf8
      case 0..<0x20: return nil
      default: bytes.append(byte)
      }
    }
    return nil
  }

  private mutating func escaped() -> Unicode.Scalar? {
    guard let byte else { return nil }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      guard let first = unit() else { return nil }
      return scalar(first)
    default: return nil
    }
  }

  /// Four hexadecimal digits.
  private mutating func unit() -> UInt32? {
    guard text.count - place >= 4 else { return nil }
    let digits = String(decoding: text[place..<place + 4], as: UTF8.self)
    guard digits.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
    place += 4
    return UInt32(digits, radix: 16)
  }

  /// Characters beyond the first plane come as two units.
  private mutating func scalar(_ first: UInt32) -> Unicode.Scalar? {
    guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) }
    guard takes(word: "\\u"), let second = unit(), (0xDC00..<0xE000).contains(second) else { return nil }
    return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
  }
}

/// Reads JSON from front to back: strict, and only as much of it as a trace needs.
struct JSONScanner {
  private let text: ArraySlice<UInt8>
  private var position: Int
  private static let depthMax = 32

  init(_ text: ArraySlice<UInt8>) {
    self.text = text
    position = text.startIndex
  }

  mutating func expect(_ sign: Unicode.Scalar) throws(Failure) {
    guard take(sign) else { throw unexpected("'\(sign)'") }
  }

  mutating func take(_ sign: Unicode.Scalar) -> Bool {
    skipSpaces()
    guard position < text.endIndex, text[position] == UInt8(ascii: sign) else { return false }
    position += 1
    return true
  }

  mutating func expectEnd() throws(Failure) {
    skipSpaces()
    guard position == text.endIndex else { throw unexpected("the end of the line") }
  }

  /// Names are compared as written: escapes are not decoded.
  mutating func string() throws(Failure) -> String {
    guard take("\"") else { throw unexpected("a string") }
    let start = position
    while position < text.endIndex, text[position] != UInt8(ascii: "\"") {
      guard text[position] >= 0x20 else { throw unexpected("a string without control characters") }
      position += text[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard position < text.endIndex else {
      position = text.endIndex
      throw unexpected("the end of a string")
    }
    position += 1
    return String(decoding: text[start..<position - 1], as: UTF8.self)
  }

  mutating func number() throws(Failure) -> Double {
    let word = try numberWord()
    guard let number = Double(word), number.isFinite else { throw unexpected("a number") }
    return number
  }

  mutating func wholeNumber(max most: Int) throws(Failure) -> Int {
    let word = try numberWord()
    guard let number = Int(word), number >= 0, number <= most else {
      throw Failure("'\(word)' is not a whole number up to \(most)")
    }
    return number
  }

  mutating func wholeNumbers(max most: Int) throws(Failure) -> [Int] {
    try expect("[")
    var numbers: [Int] = []
    if take("]") { return numbers }
    repeat { numbers.append(try wholeNumber(max: most)) } while take(",")
    try expect("]")
    return numbers
  }

  /// Skips a value of any kind.
  mutating func skipValue(depth: Int = 0) throws(Failure) {
    guard depth < Self.depthMax else { throw Failure("values inside values inside values: too deep") }
    skipSpaces()
    guard position < text.endIndex else { throw unexpected("a value") }
    switch text[position] {
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "{"):
      position += 1
      if take("}") { return }
      repeat {
        _ = try string()
        try expect(":")
        try skipValue(depth: depth + 1)
      } while take(",")
      try expect("}")
    case UInt8(ascii: "["):
      position += 1
      if take("]") { return }
      repeat { try skipValue(depth: depth + 1) } while take(",")
      try expect("]")
    case UInt8(ascii: "a")...UInt8(ascii: "z"):
      let word = text[position...].prefix { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }
      guard ["true", "false", "null"].contains(String(decoding: word, as: UTF8.self)) else {
        throw unexpected("a value")
      }
      position = word.endIndex
    default: _ = try number()
    }
  }

  private mutating func numberWord() throws(Failure) -> String {
    skipSpaces()
    let signs = Array("+-.eE".utf8)
    let word = text[position...].prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") || signs.contains($0) }
    guard let first = word.first, first != UInt8(ascii: "+"), first != UInt8(ascii: ".") else {
      throw unexpected("a number")
    }
    position = word.endIndex
    return String(decoding: word, as: UTF8.self)
  }

  private mutating func skipSpaces() {
    while position < text.endIndex, [0x20, 0x09, 0x0D].contains(text[position]) { position += 1 }
  }

  private func unexpected(_ wanted: String) -> Failure {
    guard position < text.endIndex else { return Failure("the line ends where \(wanted) should stand") }
    let found = String(decoding: text[position...].prefix(12), as: UTF8.self)
    return Failure("column \(position - text.startIndex + 1): \(found.debugDescription) where \(wanted) should stand")
  }
}

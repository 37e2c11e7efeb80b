/// Requests of Redis's protocol, as a client writes them.
enum RESPWords {
  static func command(_ words: String...) -> [UInt8] { command(words) }

  static func command(_ words: [String]) -> [UInt8] {
    Array(("*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()).utf8)
  }

  static func bulk(_ text: String) -> [UInt8] { Array("$\(text.utf8.count)\r\n\(text)\r\n".utf8) }
}

/// The little RESP2 that the benchmark needs.
enum RESPText {
  static let one = Array(":1\r\n".utf8)
  static let zero = Array(":0\r\n".utf8)
  static let absent = Array("$-1\r\n".utf8)
  static let done = Array("+OK\r\n".utf8)
  static let lineEnd = Array("\r\n".utf8)

  static func request(_ words: [String]) -> [UInt8] {
    var text = "*\(words.count)\r\n"
    for word in words { text += "$\(word.utf8.count)\r\n\(word)\r\n" }
    return Array(text.utf8)
  }

  /// A SET up to the first byte of its value; `lineEnd` follows the value.
  static func setHead(key: String, valueBytes: Int) -> [UInt8] {
    Array("*3\r\n$3\r\nSET\r\n$\(key.utf8.count)\r\n\(key)\r\n$\(valueBytes)\r\n".utf8)
  }

  static func valueHead(bytes: Int) -> [UInt8] { Array("$\(bytes)\r\n".utf8) }
}

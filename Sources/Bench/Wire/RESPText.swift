/// The part of RESP2 that the benchmark needs.
enum RESPText {
  static func phrase(_ operation: Operation, key: String, valueBytes: Int) -> Phrase {
    switch operation {
    case .get:
      Phrase(
        request: command(["GET", key]), hit: Array("$\(valueBytes)\r\n".utf8), miss: Array("$-1\r\n".utf8),
        replyBodyBytes: valueBytes, replyEndBytes: 2)
    case .put:
      // A refused SET is no miss: its reply is an error.
      Phrase(
        request: Array("*3\r\n$3\r\nSET\r\n$\(key.utf8.count)\r\n\(key)\r\n$\(valueBytes)\r\n".utf8),
        requestBodyBytes: valueBytes, requestEnd: Array("\r\n".utf8), hit: Array("+OK\r\n".utf8),
        miss: Array("$-1\r\n".utf8))
    case .exist:
      Phrase(request: command(["EXISTS", key]), hit: Array(":1\r\n".utf8), miss: Array(":0\r\n".utf8))
    }
  }

  static func command(_ words: [String]) -> [UInt8] {
    var text = "*\(words.count)\r\n"
    for word in words { text += "$\(word.utf8.count)\r\n\(word)\r\n" }
    return Array(text.utf8)
  }
}

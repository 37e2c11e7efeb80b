/// The part of memcached's text protocol that the benchmark needs. It reads with meta gets: they answer without the
/// key, and without the value for a question of existence.
enum MemcachedText {
  static func phrase(_ operation: Operation, key: String, valueBytes: Int) -> Phrase {
    let absent = Array("EN\r\n".utf8)
    return switch operation {
    case .get:
      Phrase(
        request: Array("mg \(key) v\r\n".utf8), hit: Array("VA \(valueBytes)\r\n".utf8), miss: absent,
        replyBodyBytes: valueBytes, replyEndBytes: 2)
    case .put:
      Phrase(
        request: Array("set \(key) 0 0 \(valueBytes)\r\n".utf8), requestBodyBytes: valueBytes,
        requestEnd: Array("\r\n".utf8), hit: Array("STORED\r\n".utf8), miss: Array("NOT_STORED\r\n".utf8))
    case .exist:
      Phrase(request: Array("mg \(key)\r\n".utf8), hit: Array("HD\r\n".utf8), miss: absent)
    }
  }
}

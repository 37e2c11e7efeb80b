/// The nine-int generation of `lm://`: what the benchmark sends and what it expects back.
enum LMHeader {
  enum Verb: Int32 { case put = 1, get, exist }

  static let requestBytes = 186
  static let replyBytes = 36
  private static let keyBytes = 150
  private static let success: Int32 = 200
  private static let fail: Int32 = 400
  /// Bytes that mean nothing to anyone but their owner; the shape is their length.
  private static let binaryBuffer: Int32 = 5
  /// What clients and servers write where there is nothing to say.
  private static let filler: (format: Int32, type: Int32) = (1, 2)

  static func request(_ verb: Verb, key: String, valueBytes: Int) -> [UInt8] {
    let storing = verb == .put
    let length = storing ? Int32(valueBytes) : 0
    let key = Array(key.utf8)
    precondition(key.count <= keyBytes, "the key fits its field")
    return bytes([
      verb.rawValue, length, storing ? binaryBuffer : filler.format, storing ? 0 : filler.type, 0, length, 0, 0, 0,
    ]) + key + [UInt8](repeating: UInt8(ascii: " "), count: keyBytes - key.count)
  }

  /// The answer to EXIST for a key that is there; also what follows a batch of PUTs.
  static let found = bytes([success, 0, filler.format, filler.type, 0, 0, 0, 0, 0])
  static let absent = bytes([fail, 0, filler.format, filler.type, 0, 0, 0, 0, 0])

  /// The head of a value that was stored by `request(.put ...)`: its meta comes back as it went.
  static func value(bytes count: Int) -> [UInt8] {
    bytes([success, Int32(count), binaryBuffer, 0, Int32(count), 0, 0, 0, 0])
  }

  private static func bytes(_ numbers: [Int32]) -> [UInt8] {
    numbers.flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
  }
}

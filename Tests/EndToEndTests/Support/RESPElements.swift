/// One reply, parsed.
indirect enum RESPElement: Equatable {
  /// A number: `:` and its digits.
  case integer(Int)
  /// Any other reply without parts, as raw bytes.
  case leaf([UInt8])
  /// An array, a set or a map: its first line, and what follows it.
  case group(head: String, [RESPElement])

  /// - Parameter reply: one whole reply.
  init(_ reply: [UInt8]) {
    var start = 0
    self.init(reply, &start)
  }

  private init(_ bytes: [UInt8], _ start: inout Int) {
    let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count - 1
    let line = String(decoding: bytes[start..<max(start, end - 1)], as: UTF8.self)
    let begin = start
    start = end + 1
    let count = Int(line.dropFirst()) ?? 0
    switch line.first {
    case ":": self = .integer(count)
    case "*", "~", ">", "%":
      var parts: [RESPElement] = []
      for _ in 0..<max(0, line.first == "%" ? 2 * count : count) { parts.append(RESPElement(bytes, &start)) }
      self = .group(head: line, parts)
    case "$", "=", "!":
      if count >= 0 { start += count + 2 }
      self = .leaf(Array(bytes[begin..<start]))
    default: self = .leaf(Array(bytes[begin..<start]))
    }
  }

  /// The text of a string.
  var text: String? {
    guard case .leaf(let bytes) = self, bytes.first == UInt8(ascii: "$") else { return nil }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").dropFirst().joined(separator: "\r\n")
  }

  var parts: [RESPElement] { if case .group(_, let parts) = self { parts } else { [] } }
}

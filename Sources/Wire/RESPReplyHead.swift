/// The first line of a reply, as a client reads it: the whole reply, or what follows.
package enum RESPReplyHead: Equatable, Sendable {
  case text([UInt8])
  /// Begins with the error's code.
  case error([UInt8])
  case integer(Int)
  /// So many bytes and CR LF follow.
  case bytes(Int)
  /// So many replies follow.
  case array(Int)
  /// No value.
  case none

  /// Nil for what is no reply of the second version of the protocol.
  /// - Parameter line: without its CR LF.
  package init?(line: RawSpan) {
    guard line.byteCount > 0 else { return nil }
    let type = line.byte(at: 0)
    let rest = 1..<line.byteCount
    switch type {
    case UInt8(ascii: "+"): self = .text(rest.map { line.byte(at: $0) })
    case UInt8(ascii: "-"): self = .error(rest.map { line.byte(at: $0) })
    case UInt8(ascii: ":"):
      guard let number = RESPNumber.parse(line, rest) else { return nil }
      self = .integer(number)
    case UInt8(ascii: "$"), UInt8(ascii: "*"):
      guard let count = RESPNumber.parse(line, rest), count >= -1 else { return nil }
      self = count < 0 ? .none : type == UInt8(ascii: "$") ? .bytes(count) : .array(count)
    default: return nil
    }
  }
}

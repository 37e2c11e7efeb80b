/// What the first bytes of a connection say about `lm`.
package enum LMSniff: Equatable, Sendable {
  /// Everything so far could be `lm`; more bytes decide.
  case needMore
  case generation(LMGeneration)
  case notLM
}

extension LMGeneration {
  /// Tells the generations apart by where the key begins: its bytes are printable (padding too), while an integer at the
  /// same place is a format below 9 or a dimension below 2^29, so that at least its highest byte is below a space.
  /// A first request of any generation is longer than the bytes looked at, so waiting for them never waits in vain.
  package static func sniff(_ bytes: RawSpan) -> LMSniff {
    guard beginsLikeCommand(bytes) else { return .notLM }
    guard bytes.byteCount >= LMGeneration.v0.keyOffset + 4 else { return .needMore }
    if looksLikeKey(bytes, at: LMGeneration.v0.keyOffset) { return .generation(.v0) }
    guard bytes.byteCount >= LMGeneration.eightInts.keyOffset + 4 else { return .needMore }
    let isEight = looksLikeKey(bytes, at: LMGeneration.eightInts.keyOffset)
    return .generation(isEight ? .eightInts : .nineInts)
  }

  /// Whether what is there of the first four bytes fits a command.
  private static func beginsLikeCommand(_ bytes: RawSpan) -> Bool {
    guard !bytes.isEmpty else { return true }
    guard LMCommand(rawValue: Int32(bytes.byte(at: 0))) != nil else { return false }
    for offset in 1..<max(1, min(4, bytes.byteCount)) where bytes.byte(at: offset) != 0 { return false }
    return true
  }

  private static func looksLikeKey(_ bytes: RawSpan, at start: Int) -> Bool {
    for offset in start..<start + 4 where bytes.byte(at: offset) < UInt8(ascii: " ") { return false }
    return true
  }
}

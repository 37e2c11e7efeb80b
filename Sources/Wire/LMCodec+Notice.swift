extension LMCodec {
  /// Whether these bytes begin, as far as they are there, like a reply and so like no request: a client of a peer says with
  /// a reply header whether it has memory for the chunk it asked for.
  package static func isReplyCode(_ bytes: RawSpan) -> Bool {
    guard !bytes.isEmpty else { return false }
    return beginsLike(.success, bytes) || beginsLike(.fail, bytes)
  }

  private static func beginsLike(_ code: LMReplyHeader.Code, _ bytes: RawSpan) -> Bool {
    let value = UInt32(bitPattern: code.rawValue)
    for offset in 0..<min(4, bytes.byteCount)
    where bytes.byte(at: offset) != UInt8(truncatingIfNeeded: value >> (8 * UInt32(offset))) {
      return false
    }
    return true
  }
}

import Base

/// The headers of the `lm` protocol, bytes to values and back. `proto/lm.md` tells the rules.
package enum LMCodec {}

// MARK: - The server's side

extension LMCodec {
  /// Reads the request header that `header` begins with; at least `requestBytes` must be there.
  package static func decode(_ header: RawSpan, generation: LMGeneration) throws(LMWireError) -> LMRequest {
    precondition(header.byteCount >= generation.requestBytes, "a whole header is decoded")
    guard let command = LMCommand(rawValue: header.int32(at: 0)) else { throw .unknownCommand }
    let length = header.int32(at: 4)
    guard length >= 0 else { throw .negativeLength }
    guard length == 0 || command == .put else { throw .unexpectedLength }

    let field = generation.keyOffset..<generation.requestBytes
    let keyRange = trimmed(header, field)
    return LMRequest(
      command: command, length: Int(length), meta: requestMeta(header, generation), keyRange: keyRange,
      keyMayBeTruncated: keyRange.upperBound == field.upperBound && holdsNonASCII(header, keyRange))
  }

  /// Appends exactly `replyBytes`.
  package static func encodeReply(
    _ reply: LMReplyHeader, generation: LMGeneration, into output: inout OutputRawSpan
  ) {
    output.append(littleEndian: reply.code.rawValue)
    output.append(littleEndian: wireLength(reply.length))
    guard generation.carriesMeta else { return }
    let meta = reply.meta ?? .lmFiller
    output.append(littleEndian: meta.format)
    output.append(littleEndian: meta.type)
    appendShape(meta, to: &output)
    if generation == .nineInts { output.append(littleEndian: meta.location) }
  }
}

// MARK: - The client's side

extension LMCodec {
  /// Appends exactly `requestBytes`. A key longer than the field is the caller's mistake.
  package static func encodeRequest(
    _ command: LMCommand, length: Int, meta: ObjectMeta?, key: RawSpan, generation: LMGeneration,
    into output: inout OutputRawSpan
  ) {
    precondition(key.byteCount <= Limits.keyBytesMax, "a key fits its field")
    output.append(littleEndian: command.rawValue)
    output.append(littleEndian: wireLength(length))
    if generation.carriesMeta {
      let meta = meta ?? .lmFiller
      output.append(littleEndian: meta.format)
      output.append(littleEndian: meta.type)
      if generation == .nineInts { output.append(littleEndian: meta.location) }
      appendShape(meta, to: &output)
    }
    for offset in key.byteOffsets { output.append(key.byte(at: offset)) }
    for _ in key.byteCount..<Limits.keyBytesMax { output.append(UInt8(ascii: " ")) }
  }

  /// Reads the reply header that `bytes` begins with; at least `replyBytes` must be there.
  package static func decodeReply(
    _ bytes: RawSpan, generation: LMGeneration
  ) throws(LMWireError) -> LMReplyHeader {
    precondition(bytes.byteCount >= generation.replyBytes, "a whole header is decoded")
    guard let code = LMReplyHeader.Code(rawValue: bytes.int32(at: 0)) else { throw .unknownCode }
    let length = bytes.int32(at: 4)
    guard length >= 0 else { throw .negativeLength }
    return LMReplyHeader(code: code, length: Int(length), meta: replyMeta(bytes, generation))
  }
}

// MARK: - Fields

extension LMCodec {
  private static func requestMeta(_ header: RawSpan, _ generation: LMGeneration) -> ObjectMeta? {
    switch generation {
    case .v0: nil
    case .eightInts: meta(header, shapeAt: 16, location: 0)
    case .nineInts: meta(header, shapeAt: 20, location: header.int32(at: 16))
    }
  }

  /// Not the request's layout: the location comes last here.
  private static func replyMeta(_ header: RawSpan, _ generation: LMGeneration) -> ObjectMeta? {
    switch generation {
    case .v0: nil
    case .eightInts: meta(header, shapeAt: 16, location: 0)
    case .nineInts: meta(header, shapeAt: 16, location: header.int32(at: 32))
    }
  }

  private static func meta(_ header: RawSpan, shapeAt start: Int, location: Int32) -> ObjectMeta {
    ObjectMeta(
      format: header.int32(at: 8), type: header.int32(at: 12),
      shape: (
        header.int32(at: start), header.int32(at: start + 4), header.int32(at: start + 8), header.int32(at: start + 12)
      ),
      location: location)
  }

  private static func appendShape(_ meta: ObjectMeta, to output: inout OutputRawSpan) {
    output.append(littleEndian: meta.shape.0)
    output.append(littleEndian: meta.shape.1)
    output.append(littleEndian: meta.shape.2)
    output.append(littleEndian: meta.shape.3)
  }

  private static func wireLength(_ length: Int) -> Int32 {
    guard let length = Int32(exactly: length), length >= 0 else { preconditionFailure("a length fits its field") }
    return length
  }

  /// Spaces are padding at both ends, NULs at the right end.
  private static func trimmed(_ header: RawSpan, _ field: Range<Int>) -> Range<Int> {
    var (start, end) = (field.lowerBound, field.upperBound)
    // Most of a field is padding: eight bytes at a time, as long as all of them are spaces.
    while end - start >= 8, header.word(at: end - 8) == 0x2020_2020_2020_2020 { end -= 8 }
    while end > start, header.byte(at: end - 1) == UInt8(ascii: " ") || header.byte(at: end - 1) == 0 { end -= 1 }
    while start < end, header.byte(at: start) == UInt8(ascii: " ") { start += 1 }
    return start..<end
  }

  private static func holdsNonASCII(_ header: RawSpan, _ range: Range<Int>) -> Bool {
    for offset in range where header.byte(at: offset) >= 0x80 { return true }
    return false
  }
}

// MARK: - A peer's client

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

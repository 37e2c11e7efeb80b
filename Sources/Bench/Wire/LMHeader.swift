import Base
import Wire

/// The nine-int generation of `lm://`: what the benchmark sends and what it expects back, made once before a round.
enum LMHeader {
  private static let generation = LMGeneration.nineInts
  static let replyBytes = generation.replyBytes

  static func request(_ command: LMCommand, key: String, valueBytes: Int) -> [UInt8] {
    let storing = command == .put
    let key = Array(key.utf8)
    return bytes(generation.requestBytes) { output in
      LMCodec.encodeRequest(
        command, length: storing ? valueBytes : 0, meta: storing ? meta(valueBytes) : nil, key: key.span.bytes,
        generation: generation, into: &output)
    }
  }

  /// The answer to EXIST for a key that is there; also what follows a batch of PUTs.
  static let found = reply(.empty(found: true))
  static let absent = reply(.empty(found: false))

  /// The head of a value that was stored by `request(.put ...)`: its meta comes back as it went.
  static func value(bytes count: Int) -> [UInt8] {
    reply(LMReplyHeader(code: .success, length: count, meta: meta(count)))
  }

  /// Bytes that mean nothing to anyone but their owner; the shape is their length.
  private static func meta(_ count: Int) -> ObjectMeta {
    ObjectMeta(format: 5, type: 0, shape: (Int32(count), 0, 0, 0))
  }

  private static func reply(_ header: LMReplyHeader) -> [UInt8] {
    bytes(replyBytes) { LMCodec.encodeReply(header, generation: generation, into: &$0) }
  }

  private static func bytes(_ count: Int, _ encode: (inout OutputRawSpan) -> Void) -> [UInt8] {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    defer { memory.deallocate() }
    var output = OutputRawSpan(buffer: memory, initializedCount: 0)
    encode(&output)
    let encoded = output.finalize(for: memory)
    precondition(encoded == count, "a header has one length")
    return Array(memory)
  }
}

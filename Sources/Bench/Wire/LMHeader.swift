import Base
import Wire

/// The nine-int generation of `lm://`: the benchmark's requests and the replies it expects, made once before a round.
enum LMHeader {
  private static let generation = LMGeneration.nineInts
  /// The reply to EXIST for a key that is there.
  private static let found = reply(.empty(found: true))
  private static let absent = reply(.empty(found: false))

  static func phrase(_ operation: Operation, key: String, _ shape: ValueShape) -> Phrase {
    switch operation {
    case .get:
      // The server echoes the meta of a value.
      let head = LMReplyHeader(code: .success, length: shape.bytes, meta: shape.meta)
      return Phrase(request: request(.get, key), hit: reply(head), miss: absent, replyBodyBytes: shape.bytes)
    case .put:
      return Phrase(
        request: request(.put, key, shape), requestBodyBytes: shape.bytes, hit: found, miss: absent, isAnswered: false)
    case .exist:
      return Phrase(request: request(.exist, key), hit: found, miss: absent)
    }
  }

  /// Answered whatever the key.
  static func health(key: String) -> Phrase { Phrase(request: request(.health, key), hit: found, miss: absent) }

  private static func request(_ command: LMCommand, _ key: String, _ stored: ValueShape? = nil) -> [UInt8] {
    let key = Array(key.utf8)
    return bytes(generation.requestBytes) { output in
      LMCodec.encodeRequest(
        command, length: stored?.bytes ?? 0, meta: stored?.meta, key: key.span.bytes, generation: generation,
        into: &output)
    }
  }

  private static func reply(_ header: LMReplyHeader) -> [UInt8] {
    bytes(generation.replyBytes) { LMCodec.encodeReply(header, generation: generation, into: &$0) }
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

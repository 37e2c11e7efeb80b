import Base
import Testing
import Wire

@Suite("lm golden bytes")
struct LMGoldenTests {
  @Test("the file holds all three generations, both ways")
  func coverage() {
    for generation in LMGeneration.allCases {
      #expect(GoldenVector.requests.contains { $0.generation == generation })
      #expect(GoldenVector.replies.contains { $0.generation == generation })
    }
  }

  @Test("sizes")
  func sizes() {
    #expect(LMGeneration.allCases.map(\.requestBytes) == [158, 182, 186])
    #expect(LMGeneration.allCases.map(\.replyBytes) == [8, 32, 36])
  }

  @Test("requests decode to their fields", arguments: GoldenVector.requests)
  func decodeRequest(vector: GoldenVector) throws {
    let bytes = vector.bytes
    let request = try LMCodec.decode(bytes.span.bytes, generation: vector.generation)
    #expect(request.command == vector.command)
    #expect(request.length == vector.fields.length)
    #expect(request.meta == vector.meta)
    #expect(String(decoding: bytes[request.keyRange], as: UTF8.self) == vector.fields.key)
    #expect(!request.keyMayBeTruncated)
    #expect(Array(bytes[vector.generation.requestBytes...]) == vector.payload)
  }

  @Test("fields encode to the request's bytes", arguments: GoldenVector.requests, [0, 1, 7])
  func encodeRequest(vector: GoldenVector, offset: Int) throws {
    let key = Array(try #require(vector.fields.key).utf8)
    let header = written(capacity: vector.generation.requestBytes, behind: offset) { output in
      LMCodec.encodeRequest(
        vector.command, length: vector.fields.length, meta: vector.meta, key: key.span.bytes,
        generation: vector.generation, into: &output)
    }
    #expect(header + vector.payload == vector.bytes)
  }

  @Test("replies decode to their fields", arguments: GoldenVector.replies)
  func decodeReply(vector: GoldenVector) throws {
    let bytes = vector.bytes
    let reply = try LMCodec.decodeReply(bytes.span.bytes, generation: vector.generation)
    #expect(reply.code.rawValue == vector.fields.code)
    #expect(reply.length == vector.fields.length)
    #expect(reply.meta == vector.meta)
    #expect(Array(bytes[vector.generation.replyBytes...]) == vector.payload)
  }

  @Test("fields encode to the reply's bytes", arguments: GoldenVector.replies, [0, 1, 7])
  func encodeReply(vector: GoldenVector, offset: Int) throws {
    let code = try #require(vector.fields.code.flatMap(LMReplyHeader.Code.init(rawValue:)))
    let reply = LMReplyHeader(code: code, length: vector.fields.length, meta: vector.meta)
    let header = written(capacity: vector.generation.replyBytes, behind: offset) { output in
      LMCodec.encodeReply(reply, generation: vector.generation, into: &output)
    }
    #expect(header + vector.payload == vector.bytes)
  }

  @Test("the empty reply is the golden one", arguments: GoldenVector.replies.filter { $0.fields.length == 0 })
  func emptyReply(vector: GoldenVector) {
    let header = written(capacity: vector.generation.replyBytes) { output in
      LMCodec.encodeReply(.empty(found: vector.fields.code == 200), generation: vector.generation, into: &output)
    }
    #expect(header == vector.bytes)
  }
}

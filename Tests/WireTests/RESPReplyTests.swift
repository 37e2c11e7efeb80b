import Testing
import Wire

@Suite("RESP replies")
struct RESPReplyTests {
  @Test("golden replies", arguments: RESPVector.replies, [0, 1, 7])
  func golden(vector: RESPVector, offset: Int) throws {
    let encoder = RESPReplyEncoder(version: try #require(vector.fields.version.flatMap(RESPVersion.init(rawValue:))))
    let value = vector.value
    let bytes = written(capacity: vector.bytes.count, behind: offset) { output in
      switch vector.fields.type {
      case "simple": encoder.simple("OK", into: &output)
      case "error": encoder.error("", quoting: value.span.bytes, "", into: &output)
      case "integer": encoder.integer(Int(String(decoding: value, as: UTF8.self))!, into: &output)
      case "null": encoder.null(into: &output)
      case "null_array": encoder.nullArray(into: &output)
      case "bulk": encoder.bulk(value.span.bytes, into: &output)
      case "verbatim":
        encoder.verbatimHead(value.count, into: &output)
        for byte in value { output.append(byte) }
        encoder.lineEnd(into: &output)
      case "hello": hello(encoder, into: &output)
      default: Issue.record("\(vector.name) has no known type")
      }
    }
    #expect(bytes == vector.bytes)
  }

  private func hello(_ encoder: RESPReplyEncoder, into output: inout OutputRawSpan) {
    encoder.map(7, into: &output)
    for (key, value) in [("server", "redis"), ("version", "7.4.0")] as [(StaticString, StaticString)] {
      encoder.bulk(key, into: &output)
      encoder.bulk(value, into: &output)
    }
    encoder.bulk("proto", into: &output)
    encoder.integer(encoder.version.rawValue, into: &output)
    encoder.bulk("id", into: &output)
    encoder.integer(1, into: &output)
    for (key, value) in [("mode", "standalone"), ("role", "master")] as [(StaticString, StaticString)] {
      encoder.bulk(key, into: &output)
      encoder.bulk(value, into: &output)
    }
    encoder.bulk("modules", into: &output)
    encoder.array(0, into: &output)
  }

  @Test(
    "whole numbers of every size",
    arguments: [0, 9, 10, -1, 100, 99, Int(Int32.max), .max, .min])
  func integers(value: Int) {
    let bytes = written(capacity: RESPReplyEncoder.headBytesMax) {
      RESPReplyEncoder(version: .two).integer(value, into: &$0)
    }
    #expect(bytes == Array(":\(value)\r\n".utf8))
  }

  @Test("sets and maps", arguments: RESPVersion.allCases)
  func collections(version: RESPVersion) {
    let encoder = RESPReplyEncoder(version: version)
    let bytes = written(capacity: 64) { output in
      encoder.set(3, into: &output)
      encoder.map(2, into: &output)
      encoder.array(0, into: &output)
    }
    #expect(bytes == Array((version == .two ? "*3\r\n*4\r\n*0\r\n" : "~3\r\n%2\r\n*0\r\n").utf8))
  }

  @Test("what an error repeats cannot end it")
  func errors() {
    let name = Array("a\r\n+OK".utf8)
    let bytes = written(capacity: 64) {
      RESPReplyEncoder(version: .two).error("ERR unknown '", quoting: name.span.bytes, "'", into: &$0)
    }
    #expect(bytes == Array("-ERR unknown 'a  +OK'\r\n".utf8))
    let framing = written(capacity: 64) {
      RESPReplyEncoder(version: .two).protocolError(.expectedDollar(got: 0x0A), into: &$0)
    }
    #expect(framing == Array("-ERR Protocol error: expected '$', got ' '\r\n".utf8))
  }
}

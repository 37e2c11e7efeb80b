import Base
import Testing

@testable import Bench

/// The bytes on the wire, written by hand.
@Suite
struct DialectTests {
  private static let key = "bench@1@0@00000000000000af@bfloat16"

  private func sent(_ operation: Bench.Operation, _ dialect: Dialect, key: Int = 0xaf, bytes: Int = 5) -> [UInt8] {
    let keys = KeySpace(sizes: SizeMix(bytes: bytes))
    let phrase = Vocabulary(dialect, keys).phrase(operation, shape: 0)
    let output = UnsafeMutableRawBufferPointer.allocate(byteCount: phrase.request.count, alignment: 1)
    defer { output.deallocate() }
    #expect(phrase.compose(digits: keys.digits(of: key), at: output.baseAddress!) == output.count)
    return Array(output)
  }

  private func phrase(_ operation: Bench.Operation, _ dialect: Dialect, bytes: Int = 5) -> Phrase {
    Vocabulary(dialect, KeySpace(sizes: SizeMix(bytes: bytes))).phrase(operation, shape: 0)
  }

  @Test
  func redis() {
    #expect(sent(.get, .redis) == Array("*2\r\n$3\r\nGET\r\n$35\r\n\(Self.key)\r\n".utf8))
    #expect(sent(.exist, .redis) == Array("*2\r\n$6\r\nEXISTS\r\n$35\r\n\(Self.key)\r\n".utf8))
    #expect(sent(.put, .redis) == Array("*3\r\n$3\r\nSET\r\n$35\r\n\(Self.key)\r\n$5\r\n".utf8))
    #expect(Array(phrase(.put, .redis).requestEnd) == Array("\r\n".utf8))
    #expect(Array(phrase(.get, .redis).hit) == Array("$5\r\n".utf8))
    #expect(Array(phrase(.get, .redis).miss) == Array("$-1\r\n".utf8))
  }

  @Test
  func memcached() {
    #expect(sent(.get, .memcached) == Array("mg \(Self.key) v\r\n".utf8))
    #expect(sent(.exist, .memcached) == Array("mg \(Self.key)\r\n".utf8))
    #expect(sent(.put, .memcached) == Array("set \(Self.key) 0 0 5\r\n".utf8))
    #expect(Array(phrase(.get, .memcached).hit) == Array("VA 5\r\n".utf8))
    #expect(Array(phrase(.exist, .memcached).hit) == Array("HD\r\n".utf8))
    #expect(Array(phrase(.exist, .memcached).miss) == Array("EN\r\n".utf8))
    #expect(Array(phrase(.put, .memcached).hit) == Array("STORED\r\n".utf8))
  }

  @Test
  func lm() {
    let padding = [UInt8](repeating: 0x20, count: 150 - Self.key.utf8.count)
    let key = Array(Self.key.utf8) + padding
    let filler: [UInt8] = [0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0] + [UInt8](repeating: 0, count: 20)
    #expect(sent(.get, .lm) == [2, 0, 0, 0] + filler + key)
    #expect(sent(.exist, .lm) == [3, 0, 0, 0] + filler + key)
    let described: [UInt8] =
      [5, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0] + [UInt8](repeating: 0, count: 12)
    #expect(sent(.put, .lm) == [1, 0, 0, 0] + described + key)
    let head: [UInt8] =
      [200, 0, 0, 0, 5, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
    #expect(Array(phrase(.get, .lm).hit) == head)
    #expect(Array(phrase(.get, .lm).miss).prefix(4) == [0x90, 1, 0, 0])
    #expect(!phrase(.put, .lm).isAnswered)
  }

  /// An EXIST would have the server keep what no engine asks for.
  @Test(arguments: [(true, [3, 0, 0, 0]), (false, [5, 0, 0, 0])] as [(Bool, [UInt8])])
  func aSessionDoesNotLookUpWhatItStored(asks: Bool, command: [UInt8]) {
    var job = Job(.exist, key: 0xaf, due: 0)
    job.isConfirmation = true
    let vocabulary = Vocabulary(.lm, KeySpace(sizes: SizeMix(bytes: 5)), asksForStored: asks)
    #expect(Array(vocabulary.phrase(of: job).request.prefix(4)) == command)
    #expect(Array(vocabulary.phrase(of: job).hit) == Array(phrase(.exist, .lm).hit))
    job.isConfirmation = false
    #expect(Array(vocabulary.phrase(of: job).request.prefix(4)) == [3, 0, 0, 0])
  }

  @Test
  func digitsAreSixteenAndLowerCase() {
    let bytes = sent(.get, .memcached, key: 0x0123_4567_89ab_cdef)
    #expect(String(decoding: bytes, as: UTF8.self) == "mg bench@1@0@0123456789abcdef@bfloat16 v\r\n")
  }

  static let answers: [(Dialect, String, Reply)] = [
    (.redis, "", .incomplete), (.redis, "$", .incomplete), (.redis, "$5\r", .incomplete), (.redis, "$5\r\nhello", .hit),
    (.redis, "$-1\r\n", .miss), (.redis, "$6\r\n", .unexpected), (.redis, "-OOM no", .incomplete),
    (.redis, "-OOM no\r\n$5", .error(bytes: 9)), (.redis, "+OK\r\n", .unexpected),
    (.memcached, "VA 5\r\n", .hit), (.memcached, "EN\r\n", .miss), (.memcached, "E", .incomplete),
    (.memcached, "ERROR\r\n", .error(bytes: 7)), (.memcached, "SERVER_ERROR x\r\n", .error(bytes: 16)),
    (.memcached, "VA 6\r\n", .unexpected), (.lm, "-ERR\r\n", .unexpected),
  ]

  @Test(arguments: answers)
  func answersToGetAreUnderstood(dialect: Dialect, text: String, expected: Reply) {
    let bytes = Array(text.utf8)
    bytes.withUnsafeBytes { #expect(Reply.judge($0, expecting: phrase(.get, dialect), in: dialect) == expected) }
  }
}

import Base
import Testing
import Wire

@Suite("RESP requests")
struct RESPDecodeTests {
  @Test("golden requests decode to their arguments", arguments: RESPVector.requests)
  func golden(vector: RESPVector) {
    let reader = RESPReader()
    reader.feed(vector.bytes)
    #expect(reader.seen == [.request(vector.arguments)])
    #expect(respBytes(vector.arguments) == vector.bytes)
  }

  @Test("a request may arrive in any two pieces, or byte by byte", arguments: RESPVector.requests, [true, false])
  func splits(vector: RESPVector, takesBodies: Bool) {
    let bytes = vector.bytes
    for split in 0...bytes.count {
      let reader = RESPReader(gatheredBytesMax: 16, takesBodies: takesBodies)
      reader.feed(bytes[..<split])
      #expect(reader.seen.isEmpty == (split < bytes.count))
      reader.feed(bytes[split...])
      #expect(reader.seen == [.request(vector.arguments)], "split at \(split)")
    }
    let reader = RESPReader(gatheredBytesMax: 16, takesBodies: takesBodies)
    for byte in bytes { reader.feed([byte]) }
    #expect(reader.seen == [.request(vector.arguments)])
  }

  @Test("glued requests come out in order")
  func glued() {
    let all = RESPVector.requests
    let inline = Array("ping\r\n\r\n*0\r\n*-1\r\nGET \"a\\x00b\"\n".utf8)
    let reader = RESPReader()
    reader.feed(all.flatMap(\.bytes) + inline + all.flatMap(\.bytes))
    let expected = all.map { RESPSeen.request($0.arguments) }
    #expect(reader.seen == expected + [respRequest("ping"), respRequest("GET", "a\0b")] + expected)
    #expect(reader.isBetweenRequests)
  }

  @Test("what is long is reported, what is not is gathered")
  func bodies() {
    for (length, reports) in [(64, 0), (65, 1)] {
      let value = [UInt8](repeating: 7, count: length)
      let arguments = [Array("SET".utf8), [1], value, Array("EX".utf8), [2]]
      let reader = RESPReader(gatheredBytesMax: 64)
      reader.feed(respBytes(arguments))
      #expect(reader.seen == [.request(arguments)])
      #expect(reader.reportedBodies == reports)
    }
  }

  @Test("several bodies in one request")
  func severalBodies() {
    let arguments = (0..<9).map { [UInt8](repeating: UInt8($0), count: $0 % 3 == 2 ? 500 : 3) }
    let reader = RESPReader(gatheredBytesMax: 64)
    for byte in respBytes(arguments) + respBytes(arguments) { reader.feed([byte]) }
    #expect(reader.seen == [.request(arguments), .request(arguments)])
  }

  @Test(
    "what Redis refuses is refused in its words",
    arguments: [
      ("*x\r\n", "invalid multibulk length"), ("*\r\n", "invalid multibulk length"),
      ("*+1\r\n", "invalid multibulk length"), ("*01\r\n", "invalid multibulk length"),
      ("*2147483648\r\n", "invalid multibulk length"), ("*-0\r\n", "invalid multibulk length"),
      ("*99999999999999999999\r\n", "invalid multibulk length"),
      ("*1\r\n:1\r\n", "expected '$', got '"), ("*1\r\n*1\r\n", "expected '$', got '"),
      ("*1\r\n$x\r\n", "invalid bulk length"), ("*1\r\n$-1\r\n", "invalid bulk length"),
      ("*1\r\n$2147483648\r\n", "invalid bulk length"), ("*1\r\n$ 1\r\n", "invalid bulk length"),
      ("*1\r\n$1\r\nab\r\n", "expected CRLF after bulk"),
      ("GET \"a\r\n", "unbalanced quotes in request"), ("GET 'a'b\r\n", "unbalanced quotes in request"),
      ("\"", "-"),
    ])
  func refused(text: String, reason: String) {
    guard case .malformed(let error) = respSeen(text).last else {
      #expect(reason == "-")
      return
    }
    #expect("\(error.text)" == reason)
  }

  @Test("claims cost nothing")
  func claims() {
    #expect(respSeen("*2147483647\r\n") == [])
    #expect(respSeen("*2\r\n$2147483647\r\n") == [])
    #expect(respSeen("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2147483647\r\n") == [])
  }

  @Test("before AUTH claims are smaller")
  func unauthenticated() {
    #expect(respSeen("*11\r\n", isAuthenticated: false) == [.malformed(.multibulkLengthUnauthenticated)])
    #expect(respSeen("*1\r\n$16385\r\n", isAuthenticated: false) == [.malformed(.bulkLengthUnauthenticated)])
    #expect(respSeen("*1\r\n$4\r\nAUTH\r\n", isAuthenticated: false) == [respRequest("AUTH")])
  }

  @Test("lines, and requests, have a largest size")
  func sizes() {
    let long = String(repeating: "1", count: Limits.respLineBytesMax + 1)
    #expect(respSeen("*" + long) == [.malformed(.multibulkCountTooLong)])
    #expect(respSeen("*1\r\n$" + long) == [.malformed(.bulkCountTooLong)])
    #expect(respSeen("a" + long) == [.malformed(.inlineTooLong)])
    let reader = RESPReader(gatheredBytesMax: 64, takesBodies: false)
    reader.feed("*2\r\n$\(Limits.respRequestBytesMax)\r\n".utf8)
    #expect(reader.seen == [.malformed(.requestTooLong)])
  }

  @Test("thousands of tiny arguments")
  func tiny() {
    let arguments = (0..<20_000).map { Array(String($0).utf8) }
    let reader = RESPReader()
    reader.feed(respBytes(arguments))
    reader.feed(respBytes([[1]]))
    #expect(reader.seen == [.request(arguments), .request([[1]])])
  }

  @Test(
    "inline commands are split as Redis splits them",
    arguments: [
      ("set k v\r\n", ["set", "k", "v"]), ("  set \t k\n", ["set", "k"]), ("a\"b\"\n", ["ab"]),
      ("a 'b c' \"d\\te\\x41\\xzz\\\"\"\n", ["a", "b c", "d\teAxzz\""]), ("'it\\'s' '\\n'\n", ["it's", "\\n"]),
      ("a \"\"\n", ["a", ""]), ("a\u{0B}b\n", ["a\u{0B}b"]), ("\"a\"\u{0B}b\n", ["a", "b"]), ("a\0b\n", ["a"]),
    ])
  func inline(text: String, words: [String]) {
    #expect(respSeen(text) == [.request(words.map { Array($0.utf8) })])
  }

  @Test("garbage ends in an error or waits for more, the same at every split", arguments: 0..<200)
  func garbage(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var bytes = RESPVector.requests[random.pick(0...RESPVector.requests.count - 1)].bytes
    for _ in 0..<random.pick(1...4) {
      bytes[random.pick(0...bytes.count - 1)] = random.chance(perMille: 500) ? UInt8(random.pick(0...255)) : 0x31
    }
    let whole = RESPReader()
    whole.feed(bytes)
    let dripped = RESPReader()
    for byte in bytes { dripped.feed([byte]) }
    #expect(whole.seen == dripped.seen)
  }

  @Test(
    "numbers as Redis reads them",
    arguments: [
      ("0", 0), ("7", 7), ("-7", -7), ("9223372036854775807", .max), ("-9223372036854775808", .min), ("", nil),
      ("-", nil), ("-0", nil), ("00", nil), ("+1", nil), (" 1", nil), ("1 ", nil), ("9223372036854775808", nil),
      ("-9223372036854775809", nil), ("1e3", nil),
    ] as [(String, Int?)])
  func numbers(text: String, value: Int?) {
    let bytes = Array(text.utf8)
    #expect(RESPNumber.parse(bytes.span.bytes) == value)
  }
}

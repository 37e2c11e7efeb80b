import Foundation
import Testing

@testable import Base

struct LogEncoderTests {
  private static func line(
    _ format: LogFormat, _ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]
  ) -> String {
    var bytes: [UInt8] = []
    let record = LogRecord(nanoseconds: 1_785_585_600_123_999_999, level: .info, message: message, fields: fields)
    LogEncoder(format: format).append(record, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func goldenLines() {
    #expect(
      Self.line(.text, "listening", ["host": "", "port": 65432, "why": "a \"b\"", "key": .bytes([0x6B, 0xFF, 0x5C])])
        == "2026-08-01T12:00:00.123Z info    listening host=\"\" port=65432 why=\"a \\\"b\\\"\""
        + " key=\"k\\\\xff\\\\\\\\\"\n")
    #expect(
      Self.line(.json, "say \"hi\"\n", ["port": -1, "text": "\u{1B}[2J\u{7F}\u{9B}é", "key": .bytes([0x41, 0, 0xC3])])
        == #"{"time":"2026-08-01T12:00:00.123Z","level":"info","message":"say \"hi\"\n","port":-1,"#
        + #""text":"\u001b[2J\u007f\u009bé","key":"A\u0000\\xc3"}"# + "\n")
    #expect(Self.line(.text, "a\r\nb \"c\" \\").hasSuffix(" a\\r\\nb \"c\" \\\n"))
  }

  @Test func anyBytesMakeOneLineOfJSONThatTurnsBack() throws {
    var random = SplitMix64(seed: 42)
    let pieces: [[UInt8]] = [
      [0x22], [0x5C], [0x0A], [0x0D], [0], [0x1F], [0x7F], [0xC2, 0x85], [0xC2, 0xA0], Array("é".utf8), Array("€".utf8),
      Array("😀".utf8), [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF0, 0x9F], [0x80], [0xFF],
      Array("\\xff".utf8), Array("plain".utf8), [0xE2, 0x80, 0xA8], [0xC2], [0xE2, 0x82],
    ]
    for _ in 0..<3000 {
      var bytes: [UInt8] = []
      for _ in 0..<random.pick(0...12) {
        bytes += random.chance(perMille: 300) ? [UInt8(random.pick(0...255))] : pieces[random.pick(0...22)]
      }
      let line = Self.line(.json, "m", ["key": .bytes(bytes)])
      #expect(!line.utf8.dropLast().contains { $0 < 0x20 || $0 == 0x7F })
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(Self.turnedBack(try #require(object["key"] as? String)) == bytes)
    }
  }

  /// Decodes `\\` and `\xff` in a logged key.
  private static func turnedBack(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      if rest.first == UInt8(ascii: "\\") {
        bytes.append(rest.removeFirst())
      } else {
        bytes.append(UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16) ?? 0)
        rest = rest.dropFirst(3)
      }
    }
    return bytes
  }

  @Test func longValuesAreCutBetweenCharacters() throws {
    for character in ["a", "é", "€", "😀"] {
      for shift in 0..<4 {
        let text = String(repeating: "-", count: shift) + String(repeating: character, count: 2000)
        let line = Self.line(.json, text, ["key": .bytes(Array(text.utf8))])
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
        let message = try #require(object["message"])
        #expect(message.hasSuffix("…"))
        #expect(text.hasPrefix(message.dropLast()))
        #expect((Limits.logValueBytesMax - 3...Limits.logValueBytesMax).contains(message.dropLast().utf8.count))
        #expect(line.utf8.count < 3 * Limits.logValueBytesMax)
      }
    }
    let fits = String(repeating: "é", count: Limits.logValueBytesMax / 2)
    #expect(Self.line(.text, fits).hasSuffix(fits + "\n"))
  }

  @Test func timesAreThoseOfTheCalendar() throws {
    let formatter = ISO8601DateFormatter()
    formatter.timeZone = TimeZone(identifier: "UTC")
    var random = SplitMix64(seed: 3)
    var seconds: [Int64] = [0, 951_782_399, 951_782_400, 951_868_800, 4_107_542_399, 4_107_542_400, -1, -86_401]
    for _ in 0..<2000 { seconds.append(Int64(random.pick(-2_000_000_000...8_000_000_000))) }
    for second in seconds {
      var bytes: [UInt8] = []
      LogTimestamp.append(second * 1_000_000_000 + 7_000_000, to: &bytes)
      let expected = formatter.string(from: Date(timeIntervalSince1970: TimeInterval(second)))
      #expect(String(decoding: bytes, as: UTF8.self) == expected.dropLast() + ".007Z")
    }
  }

  @Test(arguments: [
    ("model@1", "model@1"), ("a\\b", "a\\\\b"), ("two\nlines", "two\\nlines"), ("\u{1B}[2J", "\\u001b[2J"), ("é", "é"),
  ])
  func anyBytesMakeOneLine(text: String, line: String) { #expect(LogEscape.line(Array(text.utf8)) == line) }

  @Test func bytesThatAreNoTextAreShown() { #expect(LogEscape.line([0x61, 0xFF, 0x62]) == "a\\xffb") }
}

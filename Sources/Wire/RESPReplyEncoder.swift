/// Writes replies in a connection's dialect, behind what its buffer holds. The caller sees to it that there is room:
/// nothing here is longer than `headBytesMax` plus the text that it is given.
package struct RESPReplyEncoder: Sendable {
  /// A type byte, the longest number, and CR LF; or the head of a verbatim string.
  package static let headBytesMax = 32

  package var version: RESPVersion

  package init(version: RESPVersion) { self.version = version }

  // MARK: Scalars

  package func simple(_ text: StaticString, into output: inout OutputRawSpan) {
    output.append(UInt8(ascii: "+"))
    output.append(text)
    output.appendLineEnd()
  }

  /// `text` begins with the error's code, as in `ERR no such key`.
  package func error(_ text: StaticString, into output: inout OutputRawSpan) {
    output.append(UInt8(ascii: "-"))
    output.append(text)
    output.appendLineEnd()
  }

  /// An error that repeats something of the request between two texts; line ends in it become blanks.
  package func error(
    _ head: StaticString, quoting quoted: RawSpan, _ tail: StaticString, into output: inout OutputRawSpan
  ) {
    beginError(head, quoting: quoted, into: &output)
    appendError(tail, into: &output)
    output.appendLineEnd()
  }

  /// The first part of an error that is made of several; the rest, and `lineEnd`, follow.
  package func beginError(_ text: StaticString, quoting quoted: RawSpan? = nil, into output: inout OutputRawSpan) {
    output.append(UInt8(ascii: "-"))
    output.append(text)
    if let quoted { quote(quoted, into: &output) }
  }

  package func appendError(
    _ head: StaticString, quoting quoted: RawSpan? = nil, _ tail: StaticString = "", into output: inout OutputRawSpan
  ) {
    output.append(head)
    if let quoted { quote(quoted, into: &output) }
    output.append(tail)
  }

  private func quote(_ bytes: RawSpan, into output: inout OutputRawSpan) {
    for offset in bytes.byteOffsets {
      let byte = bytes.byte(at: offset)
      output.append(byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") ? UInt8(ascii: " ") : byte)
    }
  }

  package func protocolError(_ error: RESPProtocolError, into output: inout OutputRawSpan) {
    output.append("-ERR Protocol error: ")
    output.append(error.text)
    if case .expectedDollar(let byte) = error {
      output.append(byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") ? UInt8(ascii: " ") : byte)
      output.append(UInt8(ascii: "'"))
    }
    output.appendLineEnd()
  }

  package func integer(_ value: Int, into output: inout OutputRawSpan) {
    output.append(UInt8(ascii: ":"))
    output.append(decimal: value)
    output.appendLineEnd()
  }

  /// No value.
  package func null(into output: inout OutputRawSpan) { output.append(version == .two ? "$-1\r\n" : "_\r\n") }

  /// No array, as EXEC says it.
  package func nullArray(into output: inout OutputRawSpan) { output.append(version == .two ? "*-1\r\n" : "_\r\n") }

  // MARK: Strings

  /// The head of a string of so many bytes; the bytes and `lineEnd` follow.
  package func bulkHead(_ byteCount: Int, into output: inout OutputRawSpan) {
    head(UInt8(ascii: "$"), byteCount, into: &output)
  }

  package func bulk(_ bytes: RawSpan, into output: inout OutputRawSpan) {
    bulkHead(bytes.byteCount, into: &output)
    output.append(bytes)
    output.appendLineEnd()
  }

  package func bulk(_ text: StaticString, into output: inout OutputRawSpan) {
    bulkHead(text.utf8CodeUnitCount, into: &output)
    output.append(text)
    output.appendLineEnd()
  }

  /// The head of plain text for people; the bytes and `lineEnd` follow.
  package func verbatimHead(_ byteCount: Int, into output: inout OutputRawSpan) {
    guard version == .three else { return bulkHead(byteCount, into: &output) }
    head(UInt8(ascii: "="), byteCount + 4, into: &output)
    output.append("txt:")
  }

  package func lineEnd(into output: inout OutputRawSpan) { output.appendLineEnd() }

  // MARK: Collections, each followed by its elements

  package func array(_ count: Int, into output: inout OutputRawSpan) {
    head(UInt8(ascii: "*"), count, into: &output)
  }

  /// `count` keys, each followed by its value.
  package func map(_ count: Int, into output: inout OutputRawSpan) {
    switch version {
    case .two: head(UInt8(ascii: "*"), 2 * count, into: &output)
    case .three: head(UInt8(ascii: "%"), count, into: &output)
    }
  }

  package func set(_ count: Int, into output: inout OutputRawSpan) {
    head(version == .two ? UInt8(ascii: "*") : UInt8(ascii: "~"), count, into: &output)
  }

  private func head(_ type: UInt8, _ count: Int, into output: inout OutputRawSpan) {
    precondition(count >= 0, "what is not there is null")
    output.append(type)
    output.append(decimal: count)
    output.appendLineEnd()
  }
}

extension OutputRawSpan {
  mutating func append(_ text: StaticString) {
    var index = 0
    while index < text.utf8CodeUnitCount {
      append(unsafe text.utf8Start[index])
      index += 1
    }
  }

  mutating func append(_ bytes: RawSpan) {
    var offset = 0
    while offset < bytes.byteCount {
      append(bytes.byte(at: offset))
      offset += 1
    }
  }

  mutating func append(decimal value: Int) {
    if value < 0 { append(UInt8(ascii: "-")) }
    let magnitude = value.magnitude
    var power: UInt = 1
    while magnitude / power >= 10 { power *= 10 }
    while power > 0 {
      append(UInt8(ascii: "0") + UInt8(magnitude / power % 10))
      power /= 10
    }
  }

  mutating func appendLineEnd() {
    append(UInt8(ascii: "\r"))
    append(UInt8(ascii: "\n"))
  }
}

/// Which of its two dialects a connection speaks; HELLO changes it. Requests look the same in both.
package enum RESPVersion: Int, CaseIterable, Sendable {
  case two = 2
  case three = 3
}

/// Gives a record its form: one line, whatever is in it.
struct LogEncoder {
  let format: LogFormat

  func append(_ record: LogRecord, to line: inout [UInt8]) {
    switch format {
    case .text: appendText(record, to: &line)
    case .json: appendJSON(record, to: &line)
    }
    line.append(UInt8(ascii: "\n"))
  }

  private func appendText(_ record: LogRecord, to line: inout [UInt8]) {
    LogTimestamp.append(record.nanoseconds, to: &line)
    line.append(UInt8(ascii: " "))
    line += record.level.rawValue.utf8
    line += String(repeating: " ", count: 8 - record.level.rawValue.utf8.count).utf8
    LogEscape.append(LogEscape.cut(record.message.utf8), quotes: false, to: &line)
    for (key, value) in record.fields {
      line.append(UInt8(ascii: " "))
      LogEscape.append(Array(key.utf8), quotes: false, to: &line)
      line.append(UInt8(ascii: "="))
      append(value, bareWhenPossible: true, to: &line)
    }
  }

  private func appendJSON(_ record: LogRecord, to line: inout [UInt8]) {
    line += "{\"time\":\"".utf8
    LogTimestamp.append(record.nanoseconds, to: &line)
    line += "\",\"level\":\"\(record.level.rawValue)\",\"message\":".utf8
    appendQuoted(LogEscape.cut(record.message.utf8), to: &line)
    for (key, value) in record.fields {
      line.append(UInt8(ascii: ","))
      appendQuoted(Array(key.utf8), to: &line)
      line.append(UInt8(ascii: ":"))
      append(value, bareWhenPossible: false, to: &line)
    }
    line.append(UInt8(ascii: "}"))
  }

  private func append(_ value: LogValue, bareWhenPossible: Bool, to line: inout [UInt8]) {
    let text: [UInt8]
    switch value {
    case .number(let number):
      line += String(number).utf8
      return
    case .text(let string): text = LogEscape.cut(string.utf8)
    case .bytes(let bytes): text = LogEscape.readable(LogEscape.cutBytes(bytes))
    }
    if bareWhenPossible, LogEscape.isBare(text) {
      line += text
    } else {
      appendQuoted(text, to: &line)
    }
  }

  private func appendQuoted(_ text: [UInt8], to line: inout [UInt8]) {
    line.append(UInt8(ascii: "\""))
    LogEscape.append(text, quotes: true, to: &line)
    line.append(UInt8(ascii: "\""))
  }
}

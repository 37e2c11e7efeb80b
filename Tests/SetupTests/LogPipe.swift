import Base
import Glibc
import Testing

/// A log whose lines a test reads when all is over. They have to fit the pipe.
struct LogPipe {
  let log: Log
  private let (reading, writing): (Int32, Int32)

  init(level: LogLevel = .info, format: LogFormat = .text) throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    (reading, writing) = (ends[0], ends[1])
    log = Log(level: level, format: format, descriptor: writing)
  }

  /// The log's lines without their times. It ends.
  func lines() -> [String] {
    while !log.flush() {}
    log.close()
    close(writing)
    defer { close(reading) }
    var bytes = [UInt8](repeating: 0, count: 65536)
    let count = read(reading, &bytes, bytes.count)
    let lines = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n")
    return lines.map { String($0.dropFirst(25)) }
  }
}

import Glibc

@testable import Base

/// A pipe that a log writes to.
final class LogCapture: @unchecked Sendable {
  private(set) var reading: Int32
  let writing: Int32

  init() {
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0)
    (reading, writing) = (ends[0], ends[1])
  }

  deinit { closeReading() }

  /// Only once: later the number may belong to another descriptor.
  func closeReading() {
    if reading >= 0 { close(reading) }
    reading = -1
  }

  /// Fills the pipe until it takes no more; returns the count of bytes.
  func fill() -> Int {
    let flags = fcntl(writing, F_GETFL)
    _ = fcntl(writing, F_SETFL, flags | O_NONBLOCK)
    var count = 0
    while write(writing, "#", 1) == 1 { count += 1 }
    _ = fcntl(writing, F_SETFL, flags)
    return count
  }

  /// Ends the log and the pipe when everything is written, however long that takes on a busy machine.
  func end(_ log: Log) {
    log.flushFully()
    log.close()
    close(writing)
  }

  /// Everything up to the end of the pipe.
  func readAll() -> [UInt8] {
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while case let count = read(reading, &chunk, chunk.count), count > 0 { all += chunk[..<count] }
    return all
  }

  func readLines() -> [String] {
    String(decoding: readAll(), as: UTF8.self).split(separator: "\n").map(String.init)
  }
}

extension Log {
  func flushFully() { while !flush() {} }
}

import Foundation
import Testing

@testable import Base

struct LogTests {
  @Test func linesArriveInOrderAndLevelsAreKept() {
    let capture = LogCapture()
    let log = Log(level: .warning, format: .text, descriptor: capture.writing)
    var built = 0
    func text(_ text: String) -> String {
      built += 1
      return text
    }
    log.error(text("one"), ["n": 1])
    log.info(text("never"))
    log.debug(text("never"))
    log.warning(text("two"))
    capture.end(log)
    let lines = capture.readLines()
    #expect(lines.map { String($0.dropFirst(25)) } == ["error   one n=1", "warning two"])
    #expect(built == 2)
    #expect(log.droppedTotal == 0)
  }

  @Test func theLevelChangesAndSomeLinesAreAboveIt() {
    let capture = LogCapture()
    let log = Log(level: .error, format: .text, descriptor: capture.writing)
    log.info("never")
    log.audit("who", ["n": 1])
    for level in [LogLevel.debug, .info, .error] {
      log.change(to: level)
      #expect(log.level == level && log.isEnabled(.error) && log.isEnabled(.debug) == (level == .debug))
      log.info("at \(level)")
    }
    capture.end(log)
    #expect(
      capture.readLines().map { String($0.dropFirst(25)) } == [
        "info    who n=1", "info    at debug", "info    at info",
      ])
  }

  @Test func aFlushedLineIsWritten() {
    let capture = LogCapture()
    let log = Log(level: .info, format: .text, descriptor: capture.writing)
    for round in 0..<200 {
      log.info("\(round)")
      log.flushFully()
      var waiting: Int32 = 0
      #expect(ioctl(capture.reading, UInt(FIONREAD), &waiting) == 0)
      var chunk = [UInt8](repeating: 0, count: Int(waiting) + 1)
      #expect(waiting > 0 && read(capture.reading, &chunk, chunk.count) == Int(waiting))
      #expect(String(decoding: chunk.prefix(Int(waiting)), as: UTF8.self).hasSuffix(" \(round)\n"))
    }
    capture.end(log)
  }

  @Test func aBlockedReaderCostsLinesAndTheyAreCounted() throws {
    let capture = LogCapture()
    let filler = capture.fill()
    let log = Log(level: .info, format: .json, descriptor: capture.writing)
    let sent = 3 * Limits.logQueueLinesMax
    for number in 0..<sent { log.info("line", ["number": .number(number)]) }
    // The writer holds at most one queue's worth, and the queue another.
    #expect(log.droppedTotal >= Limits.logQueueLinesMax)
    #expect(log.droppedTotal <= 2 * Limits.logQueueLinesMax)

    let everything = Guarded<[UInt8]>([])
    let reader = Thread(name: "reader") { everything.withLock { $0 = capture.readAll() } }
    log.flushFully()
    log.info("after")
    capture.end(log)
    reader.join()

    let bytes = everything.withLock { $0 }
    #expect(bytes.prefix(filler).allSatisfy { $0 == UInt8(ascii: "#") })
    var numbers: [Int] = []
    var told = 0
    var last = ""
    for line in bytes.dropFirst(filler).split(separator: UInt8(ascii: "\n")) {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
      if let number = object["number"] as? Int { numbers.append(number) }
      if let dropped = object["dropped"] as? Int { told += dropped }
      last = object["message"] as? String ?? ""
    }
    #expect(numbers == numbers.sorted())
    #expect(numbers.count + told == sent)
    #expect(told == log.droppedTotal)
    #expect(last == "after")
  }

  @Test func aReaderThatWentAwayEndsNothing() {
    let capture = LogCapture()
    let log = Log(level: .info, format: .text, descriptor: capture.writing)
    capture.closeReading()
    for _ in 0..<10 {
      log.info("to nobody")
      log.flushFully()
    }
    capture.end(log)
    let closed = Log(level: .info, format: .text, descriptor: -1)
    closed.info("to nowhere")
    closed.flushFully()
    closed.close()
    closed.info("after the end")
    #expect(closed.droppedTotal == 1)
  }

  @Test func manyThreadsLogAtOnce() {
    let capture = LogCapture()
    let log = Log(level: .info, format: .text, descriptor: capture.writing)
    let lines = Guarded<[String]>([])
    let reader = Thread(name: "reader") { lines.withLock { $0 = capture.readLines() } }
    let writers = (0..<4).map { writer in
      Thread(name: "w\(writer)") {
        for number in 0..<500 { log.info("x", ["w": .number(writer), "n": .number(number)]) }
      }
    }
    for writer in writers { writer.join() }
    capture.end(log)
    reader.join()
    let all = lines.withLock { $0 }
    for writer in 0..<4 {
      let own = all.filter { $0.contains("w=\(writer) ") }.map { String($0.split(separator: "=").last!) }
      #expect(own == (0..<500).map(String.init))
    }
  }
}

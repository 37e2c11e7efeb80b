import Foundation
import Testing

@testable import Base

struct LogLimiterTests {
  private static let second: UInt64 = 1_000_000_000

  /// The messages that a limiter lets through, without time and level.
  private static func messages(_ body: (inout LogLimiter, Log) -> Void) -> [String] {
    let capture = LogCapture()
    let log = Log(level: .info, format: .text, descriptor: capture.writing)
    var limiter = LogLimiter()
    body(&limiter, log)
    capture.end(log)
    return capture.readLines().map { String($0.dropFirst(33)) }
  }

  @Test func aFewASecondAndTheRestIsTold() {
    let share = Limits.logLinesPerSecondPerReason
    let lines = Self.messages { limiter, log in
      for number in 0..<(share + 7) {
        limiter.write(.warning, reason: "peer_gone", now: 5 * Self.second + UInt64(number), to: log, "gone \(number)")
      }
      limiter.write(.warning, reason: "refused", now: 5 * Self.second, to: log, "another reason")
      limiter.sweep(now: 6 * Self.second - 1, to: log)
      limiter.sweep(now: 6 * Self.second, to: log)
      limiter.sweep(now: 7 * Self.second, to: log)
      limiter.write(.warning, reason: "peer_gone", now: 7 * Self.second, to: log, "gone again")
    }
    #expect(
      lines == (0..<share).map { "gone \($0)" } + [
        "another reason", "7 more like this reason=peer_gone left_out=7", "gone again",
      ])
  }

  @Test func theNextLineTellsWhenNobodySweeps() {
    let share = Limits.logLinesPerSecondPerReason
    let lines = Self.messages { limiter, log in
      for _ in 0..<(share + 1) { limiter.write(.error, reason: "r", now: 0, to: log, "x") }
      limiter.write(.error, reason: "r", now: Self.second, to: log, "y")
      limiter.write(.debug, reason: "r", now: Self.second, to: log, "never")
    }
    #expect(
      lines == Array(repeating: "x", count: share) + ["1 more like this reason=r left_out=1", "y"])
  }

  @Test func lateReasonsShareOnePlace() {
    let share = Limits.logLinesPerSecondPerReason
    let lines = Self.messages { limiter, log in
      for number in 0..<(Limits.logReasonsMax + 20) {
        limiter.write(.info, reason: "r\(number)", now: 0, to: log, "m\(number)")
      }
      limiter.sweep(now: Self.second, to: log)
    }
    #expect(lines.count == Limits.logReasonsMax - 1 + share + 1)
    #expect(lines.last == "\(21 - share) more like this reason=other left_out=\(21 - share)")
  }
}

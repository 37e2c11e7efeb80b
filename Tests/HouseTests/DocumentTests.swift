import Testing

@testable import Base
@testable import IO
@testable import Registry
@testable import Server
@testable import Store

/// The numbers that documents quote are those of the program.
@Suite
struct DocumentTests {
  private static func size(_ bytes: Int) -> String { ByteSize.text(bytes) }
  private static func milliseconds(_ nanoseconds: UInt64) -> String { "\(nanoseconds / 1_000_000) ms" }
  private static func seconds(_ nanoseconds: UInt64) -> String { "\(nanoseconds / 1_000_000_000) s" }

  static let architecture = [
    "share (\(size(Limits.bulkBytesPerTurn)))",
    "slice (\(size(Limits.sliceBytes)))",
    "up to \(size(Limits.promptBulkBytes)) move",
    "after \(milliseconds(Limits.roomPauseNanosecondsMin))",
    "rests \(milliseconds(Limits.acceptPauseNanoseconds))",
    "within \(milliseconds(Limits.bodyTickNanoseconds))",
    "without a byte for \(seconds(Limits.silentBodyNanoseconds))",
    "\(Limits.gatheredValuesMax) values at most",
    "without progress for \(seconds(Limits.sendStallNanoseconds))",
    "\(size(Limits.lentBytesMin)) or more",
    "takes nothing for \(seconds(Limits.respBacklogNanoseconds))",
    "pages of \(size(Limits.pageBytes))",
    "a tail of \(size(Limits.unitBytes)) units",
    "blocks of \(size(Limits.blockBytes))",
    "\(Limits.indexStripes) stripes",
    "A record is \(Limits.recordBytes) bytes",
    "\(Limits.registryShardsMax) shards",
    "\(size(Limits.registrySegmentBytes)) segments",
    "for up to \(seconds(Limits.drainNanoseconds))",
  ]

  static let decisions = [
    ("promises.md", "to \(Limits.recordBytes) bytes"),
    ("lent-pages.md", "blocks of \(size(Limits.blockBytes))"),
    ("lent-pages.md", "every \(size(Limits.roomBytesPerReading))"),
    ("registry-log.md", "\(size(Limits.registrySegmentBytes)) segments"),
    ("cut-keys.md", "exactly \(Limits.keyBytesMax) bytes"),
  ]

  static let failures = [
    "after \(seconds(Limits.silentBodyNanoseconds)) without a byte",
    "after \(seconds(Limits.sendStallNanoseconds)), `refusals_total{reason=\"\(Refusal.stalledReader.label)\"}`",
    "less than \(size(Limits.slowReaderBytes)) in \(seconds(Limits.slowReaderNanoseconds))",
    "silent connections after \(Limits.keepaliveIdleSeconds) s",
    "acknowledged for \(Limits.userTimeoutMilliseconds / 1000) s",
    "those of HTTP \(seconds(Limits.httpIdleNanoseconds))",
    "after \(Limits.announceRestNanosecondsMin / 1_000_000_000) to \(seconds(Limits.announceRestNanosecondsMax))",
    "after \(Limits.ownerFailuresMin) failed checks, \(seconds(Limits.ownerFailingNanosecondsMin)) at least",
    "not turn for \(seconds(Limits.stuckLoopNanoseconds))",
    "keeps \(Limits.logQueueLinesMax) lines",
    "longer than \(Limits.logFlushMilliseconds / 1000) s",
  ]

  @Test(arguments: failures)
  func whatHappensAtAFailureQuotesIt(words: String) throws {
    #expect(try Self.text("docs/OPERATING.md").contains(words))
  }

  @Test(arguments: architecture)
  func theArchitectureQuotesIt(words: String) throws {
    #expect(try Self.text("docs/ARCHITECTURE.md").contains(words))
  }

  @Test(arguments: decisions)
  func theDecisionQuotesIt(document: String, words: String) throws {
    #expect(try Self.text("docs/decisions/\(document)").contains(words))
  }

  /// On one line, as a reader takes it.
  private static func text(_ path: String) throws -> String {
    try SourceTree.document(path).split { $0 == "\n" || $0 == " " }.joined(separator: " ")
  }
}

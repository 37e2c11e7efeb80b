import Foundation
import Testing

/// The book that judges crash tests, with a clock of its own.
@Suite
struct CrashBookTests {
  private final class Clock: @unchecked Sendable {
    var seconds = 100.0
    var now: UInt64 { UInt64(seconds * 1e9) }
  }

  private let clock = Clock()
  private let book: CrashBook

  init() { book = CrashBook { [clock] in clock.now } }

  /// A change that takes a second.
  private func change(_ key: String?, to version: Int? = nil, _ outcome: CrashBook.Outcome? = .done) {
    clock.seconds += 1
    let token = book.begin(key, to: version)
    clock.seconds += 1
    if let outcome { book.finish(token, outcome) }
  }

  private func kill(after seconds: Double, thenRot: Bool = false) {
    clock.seconds += seconds
    book.endLife(.killed(at: clock.now), thenRot: thenRot)
    clock.seconds += 1
  }

  private func mayShow(_ version: Int) -> Bool {
    clock.seconds += 1
    return book.objection(to: version, of: "k", readAt: clock.now) == nil
  }

  @Test func whatWasReplacedIsGone() {
    change("k", to: 1)
    #expect(mayShow(1))
    #expect(!mayShow(2))
    change("k", to: 2)
    #expect(!mayShow(1) && mayShow(2))
    change("k", to: 3, .over)
    #expect(mayShow(2) && mayShow(3))
    change("k", to: 4, .refused)
    #expect(mayShow(2) && mayShow(3) && !mayShow(4))
    change("k")
    #expect(!mayShow(2) && !mayShow(3))
  }

  @Test func aKillMayUndoTheLastMoments() {
    change("k", to: 1)
    change("k", to: 2)
    kill(after: 1)
    #expect(mayShow(1) && mayShow(2))
    // In the next life the order is as strict as ever.
    change("k")
    #expect(!mayShow(1) && !mayShow(2))
    kill(after: 3)
    #expect(!mayShow(1) && !mayShow(2))
  }

  @Test(arguments: [nil, "k"])
  func whatWasRemovedLongBeforeAKillStaysAway(key: String?) {
    change("k", to: 1)
    change(key)
    kill(after: 3)
    #expect(!mayShow(1))
    kill(after: 0)
    #expect(!mayShow(1))
  }

  @Test func aFlushThatWasAnsweredIsFinal() {
    change("k", to: 1)
    change(nil)
    kill(after: 0)
    #expect(!mayShow(1))
    change("k", to: 2)
    change(nil, nil)
    kill(after: 0)
    #expect(mayShow(2))
  }

  @Test func whatWasUnderWayMayHaveArrived() {
    change("k", to: 1)
    change("k", to: 2, nil)
    kill(after: 3)
    #expect(mayShow(1) && mayShow(2))
    change("k", to: 3)
    #expect(!mayShow(2))
  }

  @Test func aDrainUndoesNothing() {
    change("k", to: 1)
    change("k")
    book.endLife(.drained)
    #expect(!mayShow(1))
  }

  @Test func rotExcusesWhatIsOldAndNothingElse() {
    change("k", to: 1)
    change(nil)
    kill(after: 3, thenRot: true)
    #expect(mayShow(1))
    #expect(!mayShow(7))
    change("k", to: 2)
    #expect(!mayShow(1))
    kill(after: 3)
    #expect(!mayShow(1) && mayShow(2))
  }
}

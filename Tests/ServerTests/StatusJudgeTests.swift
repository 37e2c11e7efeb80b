import Base
import Testing
import Tier

@testable import Server

/// The headline follows from the evidence alone.
@Suite struct StatusJudgeTests {
  /// A server that many use, whose memory is full, and of whose chunks most are found.
  private static var well: StatusEvidence {
    var evidence = StatusEvidence()
    evidence.uptimeSeconds = 86_400
    evidence.silentSeconds = 1
    evidence.recentSeconds = 600
    (evidence.budgetBytes, evidence.usedBytes, evidence.valueBytes, evidence.chunks) = (1 << 30, 1 << 30, 1 << 29, 100)
    evidence.recent = moment([.hitsMemory: 900, .misses: 100, .published: 100, .evictions: 100, .writtenBytes: 1 << 27])
    evidence.total = moment([.hitsMemory: 9000, .misses: 1000, .published: 1000, .evictions: 900])
    evidence.connectionsMax = 100
    evidence.rooms = RoomCurve(shares: [0.8, 0.85, 0.89, 0.9, 0.9, 0.9, 0.9, 0.9])
    return evidence
  }

  private static func moment(_ counts: [StatusCount: UInt64]) -> StatusMoment {
    var moment = StatusMoment()
    for (count, value) in counts { moment[count] = value }
    return moment
  }

  private func state(_ change: (inout StatusEvidence) -> Void) -> Headline.State {
    var evidence = Self.well
    change(&evidence)
    return StatusJudge.headline(evidence).state
  }

  @Test func whatIsWellIsCalledSo() {
    let headline = StatusJudge.headline(Self.well)
    #expect(headline.state == .servingWell && headline.change == nil)
    #expect(headline.why == "90 % of 1,000 chunks asked for were found")
    #expect(Hint.all(Self.well).map(\.id) == ["memory_holds"])
    #expect(Hint.all(Self.well)[0].text == "at this rate memory holds the last 40 minutes")
  }

  /// Between two looks that differ by little it does not come and go.
  @Test func itStaysTooSmallUntilThatIsClearlyOver() {
    func short(_ missed: UInt64, before: Headline.State?) -> Headline.State {
      state {
        $0.recent[.missedEvicted] = missed
        $0.before = before
      }
    }
    #expect(short(25, before: nil) == .tooSmall && short(24, before: nil) == .servingWell)
    #expect(short(24, before: .tooSmall) == .tooSmall && short(16, before: .tooSmall) == .tooSmall)
    #expect(short(13, before: .tooSmall) == .servingWell)
    func gain(_ gain: Double, before: Headline.State?) -> Headline.State {
      state {
        $0.rooms = RoomCurve(shares: [0, 0, 0, 0.5, 0.5, 0.5, 0.5, 0.5 + gain])
        $0.before = before
      }
    }
    #expect(gain(0.11, before: nil) == .tooSmall && gain(0.09, before: nil) == .servingWell)
    #expect(gain(0.06, before: .tooSmall) == .tooSmall && gain(0.04, before: .tooSmall) == .servingWell)
  }

  /// Where hardly anything is missed, those few may well have been here.
  @Test func fewMissesAreNoWant() {
    #expect(
      state {
        $0.recent[.hitsMemory] = 100_000
        $0.recent[.missedEvicted] = 100
      } == .servingWell)
  }

  @Test func itStaysWellThoughALittleLessIsFound() {
    func filling(_ hits: UInt64, before: Headline.State?) -> Headline.State {
      state {
        $0.total[.evictions] = 0
        $0.recent = Self.moment([.hitsMemory: hits, .misses: 100 - hits])
        $0.before = before
      }
    }
    #expect(filling(50, before: nil) == .servingWell && filling(49, before: nil) == .filling)
    #expect(filling(41, before: .servingWell) == .servingWell && filling(39, before: .servingWell) == .filling)
  }

  @Test func silenceIsNotUse() {
    func silent(_ seconds: Int?) -> StatusEvidence {
      var evidence = Self.well
      (evidence.silentSeconds, evidence.recent) = (seconds, StatusMoment())
      return evidence
    }
    #expect(StatusJudge.headline(silent(899)).state == .servingWell, "what came before counts")
    let headline = StatusJudge.headline(silent(7200))
    #expect(headline.state == .notUsed && headline.why.hasSuffix("for 2 hours"))
    #expect(StatusJudge.headline(silent(nil)).why.contains("since the start 24 hours ago"))
  }

  /// What is most urgent is said first.
  @Test func oneStateHidesAnother() {
    var evidence = Self.well
    evidence.recent[.missedEvicted] = 100
    #expect(StatusJudge.headline(evidence).state == .tooSmall)
    evidence.silentSeconds = 10_000
    #expect(StatusJudge.headline(evidence).state == .notUsed)
    evidence.recent = Self.moment([.refusedAddress: 3])
    #expect(StatusJudge.headline(evidence).state == .cutOff)
    evidence.disks = [.init(path: "/d", state: .readOnly, reason: "EIO", sizeBytes: 1, writtenBytes: 0)]
    let degraded = StatusJudge.headline(evidence)
    #expect(
      degraded.state == .degraded && degraded.why == "disk /d is read, but no longer written (EIO): memory serves on")
    evidence.isDraining = true
    #expect(StatusJudge.headline(evidence).state == .draining)
  }

  @Test func aLoopThatStandsStillIsTrouble() {
    #expect(state { $0.stuckLoops = 1 } == .degraded)
    #expect(state { $0.recent[.checksumFailures] = 1 } == .degraded)
  }

  @Test func whatIsStillBeingReadFromDiskFills() {
    #expect(
      state { $0.disks = [.init(path: "/d", state: .loading, reason: "", sizeBytes: 1, writtenBytes: 0)] } == .filling)
  }

  @Test func aPromiseThatWasBrokenIsSaid() {
    var evidence = Self.well
    evidence.recent[.promisesBroken] = 1
    #expect(Hint.all(evidence).first?.id == "promises_broken")
  }

  @Test func numbersAreReadable() {
    #expect(StatusText.count(1, "chunk") == "1 chunk" && StatusText.count(1_234_567, "chunk") == "1,234,567 chunks")
    #expect(StatusText.count(2, "miss", "misses") == "2 misses" && StatusText.count(0, "key") == "0 keys")
    #expect(StatusText.duration(seconds: 119) == "119 seconds" && StatusText.duration(seconds: 7199) == "119 minutes")
    #expect(StatusText.duration(seconds: 200_000) == "2 days")
    #expect(StatusText.percent(1, of: 1000) == "under 1 %" && StatusText.percent(0, of: 0) == "0 %")
  }
}

@Suite struct StatusHistoryTests {
  private func moment(_ step: Int) -> StatusMoment {
    var moment = StatusMoment()
    moment.at = UInt64(step)
    moment[.misses] = UInt64(step * step)
    moment.usedBytes = step
    return moment
  }

  /// An hour is kept, the oldest first, however long it goes on.
  @Test(arguments: [1, 2, 360, 361, 362, 1000])
  func theLastHourIsKept(count: Int) {
    var history = StatusHistory()
    for step in 1...count { history.append(moment(step)) }
    let kept = min(count, Limits.statusStepsMax)
    #expect(history.count == kept && history.newest.at == UInt64(count) && history[0].at == UInt64(count - kept + 1))
    let steps = history.steps
    #expect(steps.count == kept - 1)
    for (index, step) in steps.enumerated() {
      let number = count - kept + 2 + index
      #expect(step.at == UInt64(number) && step[.misses] == UInt64(2 * number - 1) && step.usedBytes == number)
    }
  }

  @Test func whatWasBeforeIsFound() {
    var history = StatusHistory()
    #expect(history.moment(before: 5).at == 0)
    for step in [10, 20, 30] { history.append(moment(step)) }
    #expect(history.moment(before: 9).at == 0, "before the first one there was nothing")
    #expect(history.moment(before: 10).at == 10 && history.moment(before: 29).at == 20)
    #expect(history.moment(before: 99).at == 30)
    for step in 31...1000 { history.append(moment(step)) }
    #expect(history.moment(before: 5).at == UInt64(1000 - Limits.statusStepsMax + 1))
  }
}

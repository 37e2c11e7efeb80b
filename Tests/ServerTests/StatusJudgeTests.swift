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

  private static func disk(
    _ state: DeviceStatus.State, reason: String = "", usedBytes: Int = 0, writtenBytes: UInt64 = 0
  ) -> StatusEvidence.Disk {
    .init(
      path: "/d", state: state, reason: reason, sizeBytes: 1 << 30, usedBytes: usedBytes, writtenBytes: writtenBytes)
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

  /// What memory alone would find says nothing of what a disk finds; what is missed does.
  @Test func withADiskOnlyMissesCount() {
    func judge(_ usedBytes: Int, missedEvicted: UInt64) -> (headline: Headline, hints: [Hint]) {
      var evidence = Self.well
      evidence.rooms = RoomCurve(shares: [0, 0, 0, 0.1, 0.2, 0.3, 0.4, 0.9])
      evidence.disks = [Self.disk(.serving, usedBytes: usedBytes)]
      evidence.recent[.missedEvicted] = missedEvicted
      return (StatusJudge.headline(evidence), Hint.all(evidence))
    }
    let well = judge(1 << 20, missedEvicted: 0)
    #expect(well.headline.state == .servingWell && well.hints.map(\.id) == ["memory_holds"])
    #expect(well.hints[0].advice.contains("read from disk"))
    let unwritten = judge(1 << 20, missedEvicted: 50).headline
    #expect(unwritten.state == .tooSmall && unwritten.change?.contains("--disk-write-rate") == true)
    let full = judge(1_000 << 20, missedEvicted: 50).headline
    #expect(full.state == .tooSmall && full.change?.contains("--disk-size") == true)
  }

  /// A disk that is written over within days wears, at whatever rate it began.
  @Test func aDiskThatIsWrittenSlowlyLasts() {
    func hints(days: Int) -> [String] {
      var evidence = Self.well
      evidence.uptimeSeconds = days * 86_400
      evidence.disks = [Self.disk(.serving, writtenBytes: 2 << 30)]
      return Hint.all(evidence).map(\.id)
    }
    #expect(hints(days: 1).contains("disk_wear") && !hints(days: 2).contains("disk_wear"))
  }

  /// A few that are found, such as the key of a recovery check, do not hide that the rest never is.
  @Test func aFewHitsAreNoMeeting() {
    func judge(hits: UInt64, of misses: UInt64, recent: (hits: UInt64, misses: UInt64)? = nil) -> Headline.State {
      state {
        $0.total = Self.moment([.hitsMemory: hits, .misses: misses, .published: 1000])
        $0.recent = Self.moment([.hitsMemory: recent?.hits ?? hits, .misses: recent?.misses ?? misses])
      }
    }
    #expect(judge(hits: 0, of: 512) == .cutOff && judge(hits: 5, of: 600) == .cutOff)
    #expect(judge(hits: 7, of: 600) != .cutOff && judge(hits: 0, of: 511) != .cutOff)
    #expect(judge(hits: 90_000, of: 10_000, recent: (5, 600)) == .cutOff, "it was well until ten minutes ago")
    #expect(judge(hits: 5, of: 600, recent: (1, 20)) != .cutOff, "it is mended")
    #expect(judge(hits: 5, of: 600, recent: (0, 0)) == .cutOff, "nobody came since")
  }

  @Test func fewHitsAreWorthALook() {
    func change(_ hits: UInt64) -> String? {
      var evidence = Self.well
      evidence.recent = Self.moment([.hitsMemory: hits, .misses: 1000 - hits, .evictions: 1])
      let headline = StatusJudge.headline(evidence)
      #expect(headline.state == .servingWell && headline.why.contains("few of the others had been here"))
      return headline.change
    }
    #expect(change(99)?.contains("PYTHONHASHSEED") == true && change(100) == nil)
  }

  /// Some that are turned away, or not stored, are a hint beside the others; all of them are the headline.
  @Test func someThatAreRefusedAreAHint() {
    func hints(_ counts: [StatusCount: UInt64]) -> [Hint] {
      var evidence = Self.well
      for (count, value) in counts { evidence.recent[count] = value }
      #expect(StatusJudge.headline(evidence).state == .servingWell)
      return Hint.all(evidence).filter { $0.id != "memory_holds" }
    }
    for (count, word) in [
      (StatusCount.refusedAddress, "--allow"), (.refusedPassword, "password"), (.refusedFull, "--max-connections"),
    ] {
      #expect(hints([count: 2]).isEmpty)
      let found = hints([count: 3])
      #expect(found.map(\.id) == ["clients_refused"] && found[0].advice.contains(word))
    }
    #expect(hints([.droppedLarge: 1]).map(\.id) == ["chunks_too_large"])
    #expect(hints([.droppedByLimit: 1]).map(\.id) == ["chunks_over_limit"])
    #expect(hints([.droppedFull: 1]).map(\.id) == ["puts_dropped"])
  }

  @Test func nearlyAllThatIsDroppedIsAll() {
    func judge(dropped: UInt64, stored: UInt64, hits: UInt64 = 1) -> Headline.State {
      state { $0.recent = Self.moment([.droppedLarge: dropped, .published: stored, .hitsMemory: hits]) }
    }
    #expect(judge(dropped: 30, stored: 1) == .cutOff && judge(dropped: 9, stored: 1) == .cutOff)
    #expect(judge(dropped: 8, stored: 1) != .cutOff && judge(dropped: 7, stored: 0) != .cutOff)
    #expect(judge(dropped: 30, stored: 1, hits: 30) != .cutOff, "they gain by what is there")
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
    evidence.disks = [Self.disk(.readOnly, reason: "EIO")]
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
      state { $0.disks = [Self.disk(.loading)] } == .filling)
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
    #expect(StatusText.duration(seconds: 200_000) == "2 days" && StatusText.duration(seconds: 1) == "1 second")
    #expect(StatusText.duration(seconds: 0) == "less than a second")
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

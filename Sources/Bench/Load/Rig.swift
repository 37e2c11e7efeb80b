import Base
import Glibc

/// A target with its connections and threads, and the rounds of one case run on it.
final class Rig {
  let target: Target
  private(set) var rounds: [Round] = []
  private let plan: CasePlan
  private let gate = RoundGate()
  /// The measured lanes; of exist-beside the asking connection.
  private let lanes: [Lane]
  /// The bulk load of exist-beside, of which only the bytes count.
  private let bulk: Lane?
  private let feeds: [any Feed]
  private let roundPlans: [RoundPlan]
  private var threads: [LaneThread] = []
  // When the current round began.
  private var operationsBefore = 0
  private var bytesBefore = 0
  private var promptsBefore = 0
  private let idle: [Int32]
  private let filler: Lane?

  init(_ target: Target, _ plan: CasePlan, pattern: Pattern, landing: Landing) throws(Failure) {
    self.target = target
    self.plan = plan
    let maker = LaneMaker(target: target, plan: plan, pattern: pattern, landing: landing)
    let isBeside = plan.options.workload == .existBeside
    var lanes: [Lane] = []
    let count = isBeside ? 1 : plan.options.threads
    for index in 0..<count { lanes.append(try maker.lane(index, of: count)) }
    self.lanes = lanes
    bulk = isBeside ? try maker.bulkLane() : nil
    filler = plan.options.fillsFirst && ![.fill, .session].contains(plan.options.workload) ? try maker.fillLane() : nil
    feeds = lanes.map(\.feed)
    roundPlans = (lanes + [bulk].compactMap(\.self)).map { _ in RoundPlan() }
    var idle: [Int32] = []
    for _ in 0..<plan.options.idleConnections { idle.append(try Socket.connect(to: target, nagle: false)) }
    self.idle = idle
  }

  // MARK: - Before the rounds

  func launch() throws(Failure) {
    let realTime = bulk != nil && plan.options.realTime
    for (index, lane) in allLanes.enumerated() {
      threads.append(try LaneThread(lane, gate, roundPlans[index], isRealTime: realTime && index == 0))
    }
  }

  /// Stores every value once, so that GETs find them.
  func prepare(_ progress: (Double) -> Void) throws(Failure) {
    guard let filler else { return }
    let stepsMax = 64
    let total = plan.allKeys.count * (plan.options.workload == .churn ? ChurnFeed.requestsEach : 1)
    for step in 0..<min(stepsMax, total) {
      let steps = min(stepsMax, total)
      filler.run(.count((step + 1) * total / steps - step * total / steps), after: 0)
      if let failure = filler.failure { throw told(failure) }
      progress(Double(step + 1) / Double(steps))
    }
  }

  /// Runs a round that is not counted.
  func warmUp() throws(Failure) {
    guard plan.options.warmupSeconds > 0, ![.fill, .session].contains(plan.options.workload) else { return }
    for roundPlan in roundPlans { roundPlan.span = .nanoseconds(UInt64(plan.options.warmupSeconds * 1e9)) }
    gate.open(lanes: allLanes.count)
    while !gate.waitForLanes(nanoseconds: 1_000_000_000) {}
    try check()
  }

  // MARK: - Rounds

  func runRound(_ first: Progress, _ progress: (Progress) -> Void) throws(Failure) {
    order()
    var said = first
    (operationsBefore, bytesBefore, promptsBefore) = (operations, bytes, prompts)
    let before = Reading(target)
    let began = MonotonicClock.now()
    for lane in allLanes { lane.recorder.isRecording = true }
    gate.open(lanes: allLanes.count)
    while !gate.waitForLanes(nanoseconds: Limits.benchProgressNanoseconds) {
      tell(&said, since: began)
      progress(said)
    }
    let after = Reading(target)
    for lane in allLanes { lane.recorder.isRecording = false }
    try check()
    var round = after.round(since: before)
    round.seconds = Double(allLanes.map(\.finished).max()! - began) / 1e9
    count(&round)
    rounds.append(round)
  }

  /// Ends the threads. Called last.
  func stop() {
    gate.open(lanes: 0, isLast: true)
    for thread in threads { thread.join() }
    threads = []
    for descriptor in idle { close(descriptor) }
  }

  private func order() {
    let earlier = UInt64(rounds.reduce(0) { $0 + $1.seconds } * 1e9)
    for (index, roundPlan) in roundPlans.enumerated() {
      roundPlan.earlierNanoseconds = earlier
      let isBulk = index >= lanes.count
      roundPlan.span =
        isBulk ? plan.span(round: rounds.count) : plan.span(round: rounds.count, lane: index, lanes: lanes.count)
      guard plan.options.workload == .fill, let feed = feeds[index] as? ClosedFeed else { continue }
      let first = plan.options.firstKey + rounds.count * plan.keys
      let start = first + index * plan.keys / lanes.count
      feed.move(to: start..<max(start + 1, first + (index + 1) * plan.keys / lanes.count))
    }
  }

  private func check() throws(Failure) {
    for lane in allLanes {
      if let failure = lane.failure { throw told(failure) }
    }
  }

  private func told(_ failure: Failure) -> Failure { Failure("\(target.label): \(failure.message)") }

  private var allLanes: [Lane] { lanes + [bulk].compactMap(\.self) }
}

// MARK: - Results

extension Rig {
  private var recorders: [Recorder] { lanes.map(\.recorder) }

  var operations: Int { sum(recorders) { $0.operations.value } }
  var bytes: Int { sum(allLanes.map(\.recorder)) { $0.bytes.value } }

  var latencies: [Latencies] {
    Operation.allCases.map { operation in
      recorders.reduce(into: Latencies()) { $0.merge($1.snapshot(operation)) }
    }
  }

  /// Recorders count over all rounds; a round is the difference to the count before it.
  private func count(_ round: inout Round) {
    round.operations = operations - operationsBefore
    round.bytes = bytes - bytesBefore
    round.misses = sum(recorders) { $0.misses.value } - rounds.reduce(0) { $0 + $1.misses }
    round.errors = sum(recorders) { $0.errors.value } - rounds.reduce(0) { $0 + $1.errors }
    round.late = sum(recorders) { $0.late.value } - rounds.reduce(0) { $0 + $1.late }
    round.unsent = sum(recorders) { $0.unsent.value } - rounds.reduce(0) { $0 + $1.unsent }
    round.isServerTimePerOperation = bulk == nil
  }

  func result(version: String?) -> TargetResult {
    let byOperation = latencies
    var whole = Latencies()
    for latencies in byOperation { whole.merge(latencies) }
    return TargetResult(
      label: target.label, address: target.name, dialect: target.dialect, version: version, rounds: rounds,
      latencies: whole, latenciesByOperation: byOperation, timeline: timeline(),
      session: (feeds.first as? SessionFeed)?.outcome)
  }

  private func timeline() -> Timeline {
    let widest = recorders.map { $0.timeline.slotNanoseconds }.max()!
    for recorder in recorders { recorder.timeline.widen(to: widest) }
    for recorder in recorders.dropFirst() { recorders[0].timeline.add(recorder.timeline) }
    return recorders[0].timeline.snapshot
  }

  private func sum(_ recorders: [Recorder], _ value: (Recorder) -> UInt64) -> Int {
    recorders.reduce(0) { $0 + Int(value($1)) }
  }
}

// MARK: - Progress

extension Rig {
  /// The part of the current round that is done.
  private func fraction(since start: UInt64) -> Double {
    switch plan.span(round: rounds.count) {
    case .nanoseconds(let length): Double(MonotonicClock.now() - start) / Double(length)
    case .count(let count):
      Double(plan.prompts == nil ? operations - operationsBefore : prompts - promptsBefore) / Double(max(1, count))
    }
  }

  private var prompts: Int { sum(recorders) { $0.prompts.value } }

  /// Fills in the figures of the current round.
  private func tell(_ said: inout Progress, since start: UInt64) {
    let seconds = Double(MonotonicClock.now() - start) / 1e9
    said.operationsPerSecond = Double(operations - operationsBefore) / seconds
    said.gibibytesPerSecond = Double(bytes - bytesBefore) / Double(1 << 30) / seconds
    said.most99 = latencies.reduce(into: Latencies()) { $0.merge($1) }.percentile(0.99)
    said.fraction = min(1, fraction(since: start))
  }
}

import Base

/// Makes the lanes of a rig: connections, feeds and recorders.
struct LaneMaker {
  let target: Target
  let plan: CasePlan
  let pattern: Pattern
  let landing: Landing

  init(target: Target, plan: CasePlan, pattern: Pattern, landing: Landing? = nil) {
    self.target = target
    self.plan = plan
    self.pattern = pattern
    self.landing = landing ?? Landing([plan])
  }

  /// One of the measured lanes.
  func lane(_ index: Int, of count: Int) throws(Failure) -> Lane {
    let connections = plan.options.workload == .existBeside ? 1 : plan.share(plan.connections, index, count)
    let recorder = recorder()
    return try lane(
      connections: connections, depth: plan.depth, recorder,
      feed(index, of: count, connections: connections, recorder),
      firstStretch: index * plan.connections / count)
  }

  /// The bulk load beside the asking connection.
  func bulkLane() throws(Failure) -> Lane {
    let beside = plan.options.beside
    let mix =
      beside.operation == .get ? OperationMix(get: 1, put: 0, exist: 0) : OperationMix(get: 0, put: 1, exist: 0)
    let sequence = OperationSequence(mix, keys: plan.allKeys, startingAt: plan.allKeys.lowerBound, seed: 1)
    return try lane(connections: beside.connections, depth: 1, recorder(), ClosedFeed(sequence))
  }

  /// Stores every key once.
  func fillLane() throws(Failure) -> Lane {
    if plan.options.workload == .churn {
      // Read as well: the EXIST behind each PUT promises the value, which keeps its place until it is fetched.
      let feed = ChurnFeed(firstKey: plan.allKeys.lowerBound, stride: 1, connections: 1)
      return try lane(connections: 1, depth: 1, recorder(), feed)
    }
    let mix = OperationMix(get: 0, put: 1, exist: 0)
    let sequence = OperationSequence(mix, keys: plan.allKeys, startingAt: plan.allKeys.lowerBound, seed: 1)
    // The fill is not timed, so small values go in large batches.
    let depth = max(plan.depth, min(Limits.benchFillDepthMax, Limits.benchFillBytes / plan.sizes.largest))
    return try lane(connections: 1, depth: depth, recorder(), ClosedFeed(sequence))
  }

  private func feed(_ index: Int, of count: Int, connections: Int, _ recorder: Recorder) -> any Feed {
    let options = plan.options
    if let prompts = plan.prompts {
      return SessionFeed(
        prompts, connections: connections, partsPerChunk: plan.keySpace.partsPerChunk,
        chunkTokens: ModelLayout.chunkTokens, waitsForClock: plan.rate != nil || options.session.speed != nil,
        recorder: recorder)
    }
    let keys = plan.allKeys
    if options.workload == .churn {
      return ChurnFeed(firstKey: keys.upperBound + index, stride: count, connections: connections)
    }
    // Lanes start apart, so that they do not walk over the same keys together.
    let sequence = OperationSequence(
      options.mix, keys: keys, startingAt: keys.lowerBound + index * keys.count / count, seed: UInt64(index + 1))
    guard let rate = plan.rate else { return ClosedFeed(sequence) }
    let schedule = ArrivalSchedule(
      perSecond: rate / Double(count), isPoisson: options.isPoisson, seed: UInt64(index + 1))
    return ArrivalFeed(sequence, schedule, recorder: recorder)
  }

  private func lane(
    connections: Int, depth: Int, _ recorder: Recorder, _ feed: any Feed, firstStretch: Int = 0
  ) throws(Failure) -> Lane {
    var descriptors: [Int32] = []
    for _ in 0..<connections { descriptors.append(try Socket.connect(to: target, nagle: plan.options.nagle)) }
    let stretches = (0..<connections).map { landing.stretch(of: firstStretch + $0, among: plan.receivers) }
    return try Lane(
      descriptors,
      Vocabulary(target.dialect, plan.keySpace, asksForStored: plan.options.workload != .session), feed, recorder,
      pattern: pattern, depth: depth, landing, stretches, plan.options)
  }

  /// As many points as a picture needs, no finer than the ticks of the live line.
  private func recorder() -> Recorder {
    let planned = plan.options.count == nil ? plan.options.seconds * Double(plan.options.rounds) : 0
    return Recorder(slotNanoseconds: max(Limits.benchPointNanosecondsMin, UInt64(planned * 1e9) / 200))
  }
}

/// Watches a sample of chunks, kept or gone, and counts when they come back.
struct ReturnLearner: Sendable {
  private var monitor = Monitor()
  private var returns = Returns()
  private var closings = 0
  /// Since values were last worked out.
  var prompts = 0

  var bytes: Int { monitor.bytes }

  /// An age in ticks: it is counted in touches, and scaled by how many chunks fit.
  func ticks(from: UInt32, to now: UInt32, fitting count: Int) -> Float {
    Float(now &- from) * Float(AgeBin.ticksPerTurnover) / Float(max(count, AgeBin.ticksPerTurnover))
  }

  /// How often a watched chunk had come back when it was last seen.
  func reuses(of hash: UInt64) -> UInt8? { monitor.find(hash).map { monitor[$0].reuses } }

  /// A chunk of a prompt that is over. Of each prompt some are watched.
  mutating func see(_ hash: UInt64, _ node: ChunkNode, distance: Int, at now: UInt32, fitting count: Int) {
    if let place = monitor.find(hash) { close(place, returned: true, at: now, fitting: count) }
    guard distance < PolicyLimits.watchedTail || distance % PolicyLimits.watchedStep == 0 else { return }
    monitor.add(
      Monitor.Watched(hash: hash, touchedAt: node.touchedAt, chunkClass: node.chunkClass, reuses: node.reuses))
  }

  /// Watches no more chunks than fit: what was seen longest ago did not come back.
  mutating func limit(to count: Int, at now: UInt32) {
    while monitor.count > max(count, AgeBin.ticksPerTurnover) {
      close(monitor.first, returned: false, at: now, fitting: count)
    }
  }

  private mutating func close(_ place: UInt32, returned: Bool, at now: UInt32, fitting count: Int) {
    let entry = monitor[place]
    returns.close(
      entry.chunkClass, ticks: ticks(from: entry.touchedAt, to: now, fitting: count), returned: returned)
    monitor.remove(place)
    closings += 1
    if closings >= PolicyLimits.closingsPerFading {
      closings = 0
      returns.fade()
    }
  }

  var isFitDue: Bool { prompts >= max(16, monitor.count / 64) }

  /// With those that are still watched, as far as they have come.
  mutating func takeFindings(at now: UInt32, fitting count: Int) -> Returns {
    prompts = 0
    var all = returns
    let step = max(1, monitor.count / PolicyLimits.openLooksMax)
    monitor.sample(every: step) { entry in
      all.watch(
        entry.chunkClass, ticks: ticks(from: entry.touchedAt, to: now, fitting: count), weight: Float(step))
    }
    return all
  }
}

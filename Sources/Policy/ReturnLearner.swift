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

  /// A chunk came back.
  mutating func noteReturn(_ hash: UInt64, watchedAt place: UInt32, at now: UInt32, fitting count: Int) {
    if monitor.holds(hash, at: place) { close(place, returned: true, at: now, fitting: count) }
  }

  /// It is not watched any more.
  mutating func forget(_ hash: UInt64, watchedAt place: UInt32) {
    if monitor.holds(hash, at: place) { monitor.remove(place) }
  }

  /// A chunk of a prompt that is over. Of each prompt some are watched: where, or 0.
  mutating func watch(
    _ hash: UInt64, _ node: ChunkNode, distance: Int, isNew: Bool, at now: UInt32, fitting count: Int
  ) -> UInt32 {
    if isNew, let place = monitor.find(hash) {
      // What had gone and was stored again came back too.
      close(place, returned: true, at: now, fitting: count)
    } else if !isNew, monitor.holds(hash, at: node.watchPlace) {
      // Another prompt that came by meanwhile is watched instead, of which this was the end.
      monitor.remove(node.watchPlace)
    }
    guard distance < PolicyLimits.watchedTail || distance % PolicyLimits.watchedStep == 0 else { return 0 }
    return monitor.add(
      Monitor.Watched(hash: hash, touchedAt: node.touchedAt, chunkClass: node.chunkClass, reuses: node.reuses))
  }

  /// Of how many that fit, so many are watched at most.
  static func watchedMax(fitting count: Int) -> Int {
    PolicyLimits.watchedMin + count / PolicyLimits.watchedShare
  }

  /// What was seen longest ago did not come back.
  mutating func limit(to count: Int, at now: UInt32) {
    while monitor.count > Self.watchedMax(fitting: count) {
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

  // MARK: From one process to the next

  func knowledge(seed: UInt64, at now: UInt32) -> Knowledge {
    var watched: [Knowledge.Watched] = []
    monitor.sample(every: 1) { entry in
      watched.append(
        Knowledge.Watched(
          hash: entry.hash, age: now &- entry.touchedAt, classNumber: entry.chunkClass.number, reuses: entry.reuses))
    }
    return Knowledge(seed: seed, events: returns.events, exposure: returns.exposure, watched: watched.reversed())
  }

  /// Takes what was learnt before in place of what is known. Chunks are watched on where their hashes mean the same here, as many
  /// as there is room for.
  mutating func adopt(_ knowledge: Knowledge, seed: UInt64, at now: UInt32, room: Int) {
    returns = Returns(knowledge)
    monitor = Monitor()
    guard knowledge.seed == seed else { return }
    for chunk in knowledge.watched.suffix(room) where monitor.find(chunk.hash) == nil {
      _ = monitor.add(
        Monitor.Watched(
          hash: chunk.hash, touchedAt: now &- chunk.age, chunkClass: ChunkClass(number: chunk.classNumber),
          reuses: chunk.reuses))
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

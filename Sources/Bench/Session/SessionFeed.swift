import Base

/// What an engine does with each prompt: asks along the prefix to the first missing chunk, reads the chunks found, and
/// stores the rest as if it had computed them.
final class SessionFeed: Feed {
  let fillsGaps = false
  let waitsForClock: Bool
  private(set) var outcome = SessionOutcome()
  private let prompts: Prompts
  private let partsPerChunk: Int
  private let chunkTokens: Int
  private let recorder: Recorder
  private var walks: [Walk]
  /// Waiting prompts, by connection: the turns of one user must not overtake each other. One queue for all connections
  /// if users are not known.
  private let queues: [[Int]]
  private var heads: [Int]
  private var sliceEnd = 0
  private var sliceStartDue: UInt64 = 0
  private var start: UInt64 = 0

  /// `waitsForClock`: prompts start when they are due; otherwise a free connection takes the next.
  init(
    _ prompts: Prompts, connections: Int, partsPerChunk: Int, chunkTokens: Int, waitsForClock: Bool, recorder: Recorder
  ) {
    self.prompts = prompts
    self.partsPerChunk = partsPerChunk
    self.chunkTokens = chunkTokens
    self.waitsForClock = waitsForClock
    self.recorder = recorder
    walks = Array(repeating: Walk(), count: connections)
    if let users = prompts.users {
      queues = (0..<connections).map { connection in
        (0..<prompts.count).filter { users[$0] % connections == connection }
      }
    } else {
      queues = [Array(0..<prompts.count)]
    }
    heads = Array(repeating: 0, count: queues.count)
  }

  func begin(_ span: RoundSpan, at now: UInt64) {
    guard case .count(let count) = span else { preconditionFailure("a session is cut by prompts") }
    start = now
    sliceStartDue = sliceEnd < prompts.count ? prompts.dues[sliceEnd] : 0
    sliceEnd = min(prompts.count, sliceEnd + count)
  }

  func next(for connection: Int, at now: UInt64) -> Job? {
    while true {
      switch walks[connection].phase {
      case .free:
        guard take(connection, now) else { return nil }
      case .looking:
        if walks[connection].issued < walks[connection].values, !walks[connection].hasMissed {
          return issue(.exist, connection, now)
        }
        guard isAnswered(connection) else { return nil }
        // A chunk is usable only with all its parts.
        walks[connection].usable = walks[connection].found / partsPerChunk * partsPerChunk
        move(connection, to: .reading, at: 0)
      case .reading:
        if walks[connection].issued < walks[connection].usable { return issue(.get, connection, now) }
        guard isAnswered(connection) else { return nil }
        endReading(connection, now)
      case .storing:
        if walks[connection].issued < walks[connection].values { return issue(.put, connection, now) }
        guard isAnswered(connection) else { return nil }
        walks[connection].phase = .free
      }
    }
  }

  func ended(_ job: Job, on connection: Int, wasThere: Bool, at now: UInt64) {
    let position = walks[connection].answered
    walks[connection].answered += 1
    switch walks[connection].phase {
    case .free: preconditionFailure("an answer belongs to a prompt")
    case .looking:
      outcome.exists += 1
      if wasThere, !walks[connection].hasMissed {
        walks[connection].found += 1
      } else {
        walks[connection].hasMissed = true
      }
    case .reading:
      outcome.gets += 1
      guard !wasThere else { return }
      outcome.lostAfterExist += 1
      walks[connection].usable = min(walks[connection].usable, position / partsPerChunk * partsPerChunk)
    case .storing: outcome.puts += 1
    }
  }

  func nextDue(at now: UInt64) -> UInt64? {
    guard waitsForClock else { return nil }
    var earliest: UInt64?
    for connection in walks.indices where walks[connection].phase == .free {
      guard let prompt = waiting(connection) else { continue }
      earliest = min(earliest ?? .max, due(prompt))
    }
    return earliest
  }

  func end(at now: UInt64) {}

  // MARK: - Prompts

  private func take(_ connection: Int, _ now: UInt64) -> Bool {
    guard let prompt = waiting(connection) else { return false }
    let due = waitsForClock ? due(prompt) : now
    guard due <= now else { return false }
    if now - due > Limits.benchLateNanoseconds { recorder.countLate() }
    heads[connection % queues.count] += 1
    recorder.prompts.add()
    outcome.requests += 1
    outcome.tokensRequested += prompts.tokens[prompt]
    var walk = Walk()
    walk.phase = .looking
    walk.prompt = prompt
    walk.due = due
    walk.values = prompts.chunkCount(of: prompt) * partsPerChunk
    walks[connection] = walk
    return true
  }

  private func waiting(_ connection: Int) -> Int? {
    let queue = connection % queues.count
    guard heads[queue] < queues[queue].count, queues[queue][heads[queue]] < sliceEnd else { return nil }
    return queues[queue][heads[queue]]
  }

  private func due(_ prompt: Int) -> UInt64 { start + prompts.dues[prompt] - sliceStartDue }

  // MARK: - Phases

  private func issue(_ operation: Operation, _ connection: Int, _ now: UInt64) -> Job {
    let value = walks[connection].issued
    walks[connection].issued += 1
    let chunk = prompts.chunk(value / partsPerChunk, of: walks[connection].prompt)
    return Job(operation, key: chunk * partsPerChunk + value % partsPerChunk, due: now)
  }

  private func isAnswered(_ connection: Int) -> Bool { walks[connection].answered == walks[connection].issued }

  private func endReading(_ connection: Int, _ now: UInt64) {
    let usable = walks[connection].usable
    outcome.tokensHit += usable / partsPerChunk * chunkTokens
    outcome.loading.record(now - walks[connection].due)
    move(connection, to: .storing, at: usable)
  }

  private func move(_ connection: Int, to phase: Walk.Phase, at value: Int) {
    walks[connection].phase = phase
    walks[connection].issued = value
    walks[connection].answered = value
  }
}

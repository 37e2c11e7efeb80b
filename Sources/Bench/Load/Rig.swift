import Glibc

/// A target with its connections and threads, and the rounds run on it so far.
final class Rig {
  let target: Target
  private(set) var rounds: [Round] = []
  private(set) var latencies = Latencies()
  private let options: Options
  private let workers: [Worker]
  private let start: Barrier
  private let end: Barrier

  init(_ target: Target, _ options: Options, pattern: Pattern) throws(Failure) {
    self.target = target
    self.options = options
    let beside = options.command == .existBeside
    let oneThread = options.command == .exist
    let count = beside ? 1 + options.bulkConnections : oneThread ? 1 : options.connections
    start = Barrier(parties: count + 1)
    end = Barrier(parties: count + 1)
    let keysCount = options.command == .fill ? options.keys * options.rounds : options.keys
    let keys = options.firstKey..<options.firstKey + keysCount
    var workers: [Worker] = []
    for index in 0..<count {
      let isProbe = !beside || index == 0
      let depth = isProbe ? options.depth : 1
      let batches = keysCount / depth
      var clients: [Client] = []
      for _ in 0..<(oneThread ? options.connections : 1) {
        clients.append(try Client(to: target, options, keys: keys, pattern: pattern, depth: depth))
      }
      workers.append(
        Worker(
          clients, isProbe ? options.command : options.bulkWorkload, isProbe: isProbe,
          firstBatch: index * batches / count, batchesCount: batches, depth: depth, start: start, end: end))
    }
    self.workers = workers
  }

  /// Stores every value once, so that there is something to find.
  func prepare() throws(Failure) {
    guard options.fillsFirst, options.command != .fill else { return }
    for index in stride(from: 0, to: options.keys, by: options.depth) {
      do throws(Failure) { try workers[0].clients[0].put(at: index) } catch { throw told(error) }
    }
  }

  func launch() throws(Failure) {
    for worker in workers { try worker.launch(realTime: worker.command == .existBeside && options.realTime) }
  }

  func runRound() throws(Failure) {
    plan()
    let clientBefore = Clock.processor(of: getpid())
    let serverBefore = target.serverProcess.flatMap(Clock.processor)
    let machineBefore = Kernel.busySeconds()
    let began = Clock.now()
    start.wait()
    end.wait()
    var round = Round()
    round.serverSeconds = elapsed(since: serverBefore, target.serverProcess.flatMap(Clock.processor))
    round.clientSeconds = elapsed(since: clientBefore, Clock.processor(of: getpid())) ?? 0
    if let machineBefore, let now = Kernel.busySeconds() { round.machineSeconds = now - machineBefore }
    round.seconds = Double(workers.map(\.finished).max()! - began) / 1e9
    for worker in workers {
      if let failure = worker.failure { throw told(failure) }
      if worker.isProbe { latencies.merge(worker.latencies) }
      for outcome in worker.clients.map(\.outcome) {
        round.bytes += outcome.bytes
        round.misses += outcome.misses
        if worker.isProbe { round.operations += outcome.operations }
      }
    }
    round.serverResidentBytes = target.serverProcess.flatMap(Kernel.residentBytes)
    round.isServerTimePerOperation = options.command != .existBeside
    rounds.append(round)
  }

  /// Until a moment; or, for a fill, this round's keys shared out among the workers.
  private func plan() {
    let deadline = Clock.now() + UInt64(options.seconds * 1e9)
    let batches = options.keys / options.depth
    for (index, worker) in workers.enumerated() {
      guard options.command == .fill else {
        worker.span = .until(deadline)
        continue
      }
      let first = index * batches / workers.count
      worker.batch = rounds.count * batches + first
      worker.span = .batches((index + 1) * batches / workers.count - first)
    }
  }

  private func elapsed(since before: UInt64?, _ after: UInt64?) -> Double? {
    guard let before, let after else { return nil }
    return Double(after - before) / 1e9
  }

  private func told(_ failure: Failure) -> Failure { Failure("\(target.name): \(failure.message)") }
}

import Glibc

/// A thread that drives one connection (for EXIST: all of them in turn), round after round, and the record of what it saw.
/// Main and worker take turns with it: whoever has passed a barrier last may touch it.
final class Worker: @unchecked Sendable {
  enum Span {
    case until(UInt64)
    case batches(Int)
  }

  let clients: [Client]
  let command: Workload
  /// Its latencies and operations are the ones reported; those of bulk workers only add bytes.
  let isProbe: Bool
  var batch: Int
  var span: Span? = nil
  private(set) var latencies = Latencies()
  private(set) var finished: UInt64 = 0
  private(set) var failure: Failure?
  private let depth: Int
  private let batchesCount: Int
  private let start: Barrier
  private let end: Barrier

  init(
    _ clients: [Client], _ command: Workload, isProbe: Bool, firstBatch: Int, batchesCount: Int, depth: Int,
    start: Barrier, end: Barrier
  ) {
    self.clients = clients
    self.command = command
    self.isProbe = isProbe
    batch = firstBatch
    self.batchesCount = batchesCount
    self.depth = depth
    self.start = start
    self.end = end
  }

  /// Starts the thread; with a real-time priority it runs as soon as a reply is there, whoever else wants the core.
  func launch(realTime: Bool) throws(Failure) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    if realTime {
      var priority = sched_param(sched_priority: 10)
      pthread_attr_setinheritsched(&attributes, Int32(PTHREAD_EXPLICIT_SCHED))
      pthread_attr_setschedpolicy(&attributes, SCHED_FIFO)
      pthread_attr_setschedparam(&attributes, &priority)
    }
    var thread = pthread_t()
    let code = pthread_create(&thread, &attributes, runWorker, Unmanaged.passRetained(self).toOpaque())
    guard code != EPERM else {
      throw Failure("a real-time thread needs root or CAP_SYS_NICE; --no-realtime goes without")
    }
    guard code == 0 else { throw Failure("thread", code: code) }
  }

  /// Rounds for as long as the process lives; main ends it by ending the process.
  fileprivate func run() {
    while true {
      start.wait()
      latencies = Latencies()
      for client in clients { client.forget() }
      do throws(Failure) { try runSpan() } catch { failure = error }
      finished = Clock.now()
      end.wait()
    }
  }

  private func runSpan() throws(Failure) {
    guard failure == nil, let span else { return }
    if clients.count > 1, case .until(let deadline) = span { return try existInTurn(until: deadline) }
    var began = Clock.now()
    switch span {
    case .until(let deadline): while began < deadline { try step(&began) }
    case .batches(let count): for _ in 0..<count { try step(&began) }
    }
  }

  /// Keeps a batch under way on every connection. With a thread for each, the threads would spend
  /// the client's core on waiting for each other.
  private func existInTurn(until deadline: UInt64) throws(Failure) {
    for client in clients { try client.sendExists(at: nextBatch() * depth) }
    var now = Clock.now()
    while now < deadline {
      for client in clients {
        try client.receiveExists()
        now = Clock.now()
        latencies.record(now - client.sentAt)
        try client.sendExists(at: nextBatch() * depth)
      }
    }
    for client in clients { try client.receiveExists() }
  }

  private func nextBatch() -> Int {
    defer { batch = batch + 1 == batchesCount ? 0 : batch + 1 }
    return batch
  }

  private func step(_ began: inout UInt64) throws(Failure) {
    let index = nextBatch() * depth
    switch command {
    case .get: try clients[0].get(at: index)
    case .put, .fill: try clients[0].put(at: index)
    case .exist, .existBeside, .mixed, .session: try clients[0].exist(at: index)
    }
    let ended = Clock.now()
    latencies.record(ended - began)
    began = ended
  }
}

private func runWorker(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  Unmanaged<Worker>.fromOpaque(argument!).takeRetainedValue().run()
  return nil
}

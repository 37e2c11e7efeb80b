import Glibc

/// A thread that drives one connection, round after round, and the record of what it saw.
/// Main and worker take turns with it: whoever has passed a barrier last may touch it.
final class Worker: @unchecked Sendable {
  enum Span {
    case until(UInt64)
    case batches(Int)
  }

  let client: Client
  let command: Command
  /// Its latencies and operations are the ones reported; those of bulk workers only add bytes.
  let isProbe: Bool
  var batch: Int
  var span: Span? = nil
  private(set) var latencies = Histogram()
  private(set) var finished: UInt64 = 0
  private(set) var failure: Failure?
  private let depth: Int
  private let batchesCount: Int
  private let start: Barrier
  private let end: Barrier

  init(
    _ client: Client, _ command: Command, isProbe: Bool, firstBatch: Int, batchesCount: Int, depth: Int,
    start: Barrier, end: Barrier
  ) {
    self.client = client
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
      latencies.clear()
      client.forget()
      do throws(Failure) { try runSpan() } catch { failure = error }
      finished = Clock.now()
      end.wait()
    }
  }

  private func runSpan() throws(Failure) {
    guard failure == nil, let span else { return }
    var began = Clock.now()
    switch span {
    case .until(let deadline): while began < deadline { try step(&began) }
    case .batches(let count): for _ in 0..<count { try step(&began) }
    }
  }

  private func step(_ began: inout UInt64) throws(Failure) {
    switch command {
    case .get: try client.get(at: batch * depth)
    case .put, .fill: try client.put(at: batch * depth)
    case .exist, .existBeside: try client.exist(at: batch * depth)
    }
    batch = batch + 1 == batchesCount ? 0 : batch + 1
    let ended = Clock.now()
    latencies.record(ended - began)
    began = ended
  }
}

private func runWorker(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  Unmanaged<Worker>.fromOpaque(argument!).takeRetainedValue().run()
  return nil
}

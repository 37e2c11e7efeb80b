import Base
import Glibc
import Synchronization

/// One core's worth of server: a Swift executor, the verbs that its tasks wait in, and the driver below them.
///
/// A session is a task that prefers this executor; everything it does between two verbs runs here, on this
/// thread, without locks. The simulator turns several loops on one thread, which is why "on the loop" means
/// "on its thread and inside its turn".
package final class EventLoop: TaskExecutor, @unchecked Sendable {
  package let index: Int
  package let driver: any Driver
  /// The time at the start of this turn. Computed, because a stored property that other modules reach is checked for
  /// overlapping access at every reading.
  package var now: UInt64 { turnTime }
  /// The time at this moment, for what begins and ends within a turn; each reading costs.
  package var exactNow: UInt64 { driver.now() }
  private var turnTime: UInt64

  var slots: SlotTable
  var timers: TimerWheel
  /// Long pieces of work that let the loop turn; each turn one of them goes on.
  var turnWaiters = Queue<UnsafeContinuation<Void, Never>>(capacity: 16)
  var bulk = BulkQueue()
  /// What bulk may still move in this turn.
  var bulkShare = Limits.bulkBytesPerTurn
  private var ready = Queue<UnownedJob>(capacity: 256)
  private let completions: UnsafeMutableBufferPointer<Completion>

  /// The loop's thread, or 0 before it has one. Other threads compare themselves with it while it is set.
  private let owner = Atomic<pthread_t>(0)
  private var isTurning = false
  private let stopping = Atomic<Bool>(false)
  private let mayBeAsleep = Atomic<Bool>(false)
  private let lastTurn: Atomic<UInt64>
  /// How long turns took, which is what anything that is ready waits for at most.
  package let lag = LoopLag()
  private let remote = Guarded<[UnownedJob]>([])
  /// Looked at in every turn, where a lock would be dear.
  private let hasRemote = Atomic<Bool>(false)
  private var arrived: [UnownedJob] = []
  /// Tokens of sleeps that a nudge ends, some of them over by themselves.
  var nudgeable: [UInt64] = []
  let hasNudgeable = Atomic<Bool>(false)
  private let isNudged = Atomic<Bool>(false)

  /// - Parameter verbsMax: how many verbs may wait at once; memory is touched only as it is used.
  package init(index: Int, driver: any Driver, verbsMax: Int) {
    self.index = index
    self.driver = driver
    // One reading for all: a wheel ahead of the loop's own time would take fresh deadlines for overdue ones.
    let now = driver.now()
    turnTime = now
    lastTurn = Atomic(now)
    slots = SlotTable(capacity: verbsMax)
    timers = TimerWheel(now: now)
    completions = .allocate(capacity: Limits.completionsPerTurn)
    arrived.reserveCapacity(64)
    nudgeable.reserveCapacity(64)
  }

  deinit { completions.deallocate() }

  // MARK: Executor

  package func enqueue(_ job: consuming ExecutorJob) {
    let unowned = UnownedJob(job)
    if isOnLoop {
      ready.append(unowned)
      return
    }
    remote.withLock { $0.append(unowned) }
    hasRemote.store(true, ordering: .sequentiallyConsistent)
    if mayBeAsleep.exchange(false, ordering: .sequentiallyConsistent) { driver.wake() }
  }

  /// Starts the loop's one root task; every other task on the loop is a child of it.
  package func startRoot(_ body: @escaping @Sendable () async -> Void) {
    Task(executorPreference: self) { await body() }
  }

  // MARK: Turning

  /// Turns until `stop`. The calling thread becomes the loop's own.
  package func run() {
    adoptThread()
    while !stopping.load(ordering: .relaxed) { turn(mayBlock: true) }
  }

  package func adoptThread() {
    owner.store(pthread_self(), ordering: .relaxed)
    driver.start()
    // The loop may have been made long ago: what the first turn waits for counts from here.
    turnTime = driver.now()
  }

  package func stop() {
    stopping.store(true, ordering: .relaxed)
    driver.wake()
  }

  /// Ends sleeps that wait for a nudge. From any thread; costs one look when there are none.
  package func nudge() {
    guard hasNudgeable.exchange(false, ordering: .sequentiallyConsistent) else { return }
    isNudged.store(true, ordering: .sequentiallyConsistent)
    if mayBeAsleep.exchange(false, ordering: .sequentiallyConsistent) { driver.wake() }
  }

  /// When the loop last turned, readable from any thread.
  package var lastTurnTime: UInt64 { lastTurn.load(ordering: .relaxed) }

  /// Lets one long piece of work go on, runs what is ready, gives the bulk queue its share, then hands everything to the
  /// driver and takes what is done.
  package func turn(mayBlock: Bool) {
    isTurning = true
    bulkShare = Limits.bulkBytesPerTurn
    takeRemoteJobs()
    turnWaiters.popFirst()?.resume()
    runReady()
    resumeBulk()
    runReady()
    let deadline = waitDeadline(mayBlock: mayBlock)
    lag.note(from: turnTime, to: driver.now())
    let count = driver.wait(until: deadline, into: completions)
    mayBeAsleep.store(false, ordering: .relaxed)
    turnTime = driver.now()
    lastTurn.store(now, ordering: .relaxed)
    for position in 0..<count { deliver(completions[position]) }
    expireTimers()
    wakeNudged()
    isTurning = false
  }

  /// Nothing to run, nothing waiting for a turn: only the driver or a timer can give this loop work.
  package var isIdle: Bool {
    ready.count == 0 && turnWaiters.count == 0 && bulk.count == 0 && !hasRemote.load(ordering: .relaxed)
  }

  package var nextTimer: UInt64 { timers.nextDeadline() }

  package func preconditionOnLoop() {
    precondition(isOnLoop, "a verb was called off its loop")
  }

  private var isOnLoop: Bool {
    owner.load(ordering: .relaxed) == pthread_self() && isTurning
  }

  private func waitDeadline(mayBlock: Bool) -> UInt64 {
    guard mayBlock, ready.count == 0, turnWaiters.count == 0, bulk.count == 0 else { return 0 }
    // Announced before the last look: a thread that enqueues after that look sees it and wakes this loop.
    mayBeAsleep.store(true, ordering: .sequentiallyConsistent)
    guard !hasRemote.load(ordering: .sequentiallyConsistent), !isNudged.load(ordering: .sequentiallyConsistent),
      !stopping.load(ordering: .relaxed)
    else { return 0 }
    return min(timers.nextDeadline(), now + Limits.idleTurnNanoseconds)
  }

  private func runReady() {
    while let job = ready.popFirst() {
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }

  private func takeRemoteJobs() {
    guard hasRemote.load(ordering: .relaxed) else { return }
    // Cleared first: what is put in meanwhile is looked for once more.
    hasRemote.store(false, ordering: .relaxed)
    remote.withLock { swap(&$0, &arrived) }
    for job in arrived { ready.append(job) }
    arrived.removeAll(keepingCapacity: true)
  }

  private func resumeBulk() {
    while let waiter = bulk.popFirst(share: &bulkShare) { waiter.resume() }
  }

  private func deliver(_ completion: Completion) {
    guard let index = slots.index(of: completion.token) else {
      preconditionFailure("a completion arrived for a verb that no longer waits")
    }
    timers.remove(index, slots: slots.slots)
    let timedOut = slots.slots[Int(index)].isTimedOut && completion.result == -ECANCELED
    resume(index, result: timedOut ? -ETIMEDOUT : completion.result)
  }

  private func expireTimers() {
    while let index = timers.popExpired(now: now, slots: slots.slots) {
      if slots.slots[Int(index)].isSleep {
        resume(index, result: 0)
        continue
      }
      slots.slots[Int(index)].isTimedOut = true
      driver.submit(.cancel(token: slots.token(of: index)), token: 0)
    }
  }

  private func wakeNudged() {
    guard isNudged.load(ordering: .relaxed) else { return }
    isNudged.store(false, ordering: .sequentiallyConsistent)
    for token in nudgeable { wake(token) }
    nudgeable.removeAll(keepingCapacity: true)
  }

  /// Ends a sleep early, unless it is over.
  package func wake(_ token: UInt64) {
    guard let index = slots.index(of: token) else { return }
    timers.remove(index, slots: slots.slots)
    resume(index, result: 0)
  }

  private func resume(_ index: Int32, result: Int32) {
    let continuation = slots.slots[Int(index)].continuation!
    slots.giveBack(index)
    continuation.resume(returning: result)
  }
}

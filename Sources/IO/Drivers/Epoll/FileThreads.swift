import Base
import Glibc

/// Reads, writes and syncs files on threads of its own: for epoll a file is always ready, and a call that waits for the
/// device would stop the loop. A thread is started when an operation finds none at rest, a few at most.
///
/// The queue needs no bound of its own, because each operation holds one of its loop's slots.
final class FileThreads: @unchecked Sendable {
  private struct Waiting {
    let operation: Operation
    let token: UInt64
  }

  private struct State {
    var waiting: [Waiting] = []
    var done: [Completion] = []
    var resting = 0
    var isEnding = false
  }

  private let state = Guarded(State())
  /// Counts what was submitted and not taken, cancelled or not.
  private let work = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
  private let wakeDescriptor: WakeDescriptor
  private let call: @Sendable (Operation) -> Int32
  /// Touched by the loop's thread only.
  private var threads: [Thread] = []

  /// - Parameter call: carries an operation out, and returns when it has ended.
  init(wakes wakeDescriptor: WakeDescriptor, call: @escaping @Sendable (Operation) -> Int32) {
    self.wakeDescriptor = wakeDescriptor
    self.call = call
    sem_init(work, 0, 0)
  }

  deinit {
    sem_destroy(work)
    work.deallocate()
  }

  func submit(_ operation: Operation, token: UInt64) {
    let isThreadWanting = state.withLock { state in
      state.waiting.append(Waiting(operation: operation, token: token))
      return state.waiting.count > state.resting
    }
    if isThreadWanting, threads.count < Limits.fileThreadsMax {
      // Where the system gives no thread, those that there are do the work.
      if let thread = try? Thread.start(name: "files", { self.run() }) { threads.append(thread) }
    }
    sem_post(work)
    if threads.isEmpty, cancel(token) { end(Completion(token: token, result: -ENOMEM)) }
  }

  /// Whether the operation was still waiting, and will not be carried out. Another completes by itself.
  func cancel(_ token: UInt64) -> Bool {
    state.withLock { state in
      guard let place = state.waiting.firstIndex(where: { $0.token == token }) else { return false }
      state.waiting.remove(at: place)
      return true
    }
  }

  func takeDone(into completions: inout [Completion]) {
    state.withLock { state in
      completions += state.done
      state.done.removeAll(keepingCapacity: true)
    }
  }

  /// Waits for what is being carried out.
  func stop() {
    state.withLock { $0.isEnding = true }
    for _ in threads { sem_post(work) }
    for thread in threads { thread.join() }
  }

  // MARK: The threads

  private func run() {
    while true {
      state.withLock { $0.resting += 1 }
      while sem_wait(work) != 0 { precondition(errno == EINTR, "sem_wait failed with errno \(errno)") }
      let (waiting, isEnding) = state.withLock { state in
        state.resting -= 1
        // Nothing waits where it was cancelled.
        return (state.waiting.isEmpty ? nil : state.waiting.removeFirst(), state.isEnding)
      }
      if isEnding { return }
      if let waiting { end(Completion(token: waiting.token, result: call(waiting.operation))) }
    }
  }

  private func end(_ completion: Completion) {
    let isFirst = state.withLock { state in
      state.done.append(completion)
      return state.done.count == 1
    }
    // The loop takes all that is there, so only the first needs to wake it.
    if isFirst { wakeDescriptor.signal() }
  }
}

import Glibc

/// The records between the threads that log and the one that writes. Its lock is held for an append or a swap and never for a
/// write, so an event loop never waits for a terminal.
final class LogQueue: @unchecked Sendable {
  private struct State {
    var records: [LogRecord] = []
    var droppedUntold = 0
    var droppedTotal = 0
    var isWriting = false
    var isClosed = false
    var hasEnded = false
  }

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  /// Signalled when there is something to write, and when something was written.
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var state = State()

  init() {
    precondition(pthread_mutex_init(mutex, nil) == 0)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    precondition(pthread_cond_init(changed, &attributes) == 0)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  var droppedTotal: Int { locked { state.droppedTotal } }

  /// Never waits: a record that finds no room is counted instead.
  func append(_ record: LogRecord) {
    locked {
      guard state.records.count < Limits.logQueueLinesMax, !state.isClosed else {
        state.droppedUntold += 1
        state.droppedTotal += 1
        return
      }
      state.records.append(record)
      // The writer never sleeps while records wait, so only the first needs to wake it.
      if state.records.count == 1 { pthread_cond_broadcast(changed) }
    }
  }

  /// What waits, in order, and how many were dropped since the last call. Nil when closed and empty.
  func takeAll() -> (records: [LogRecord], dropped: Int)? {
    locked {
      state.isWriting = false
      pthread_cond_broadcast(changed)
      while state.records.isEmpty, state.droppedUntold == 0, !state.isClosed { pthread_cond_wait(changed, mutex) }
      if state.records.isEmpty, state.droppedUntold == 0 {
        state.hasEnded = true
        pthread_cond_broadcast(changed)
        return nil
      }
      state.isWriting = true
      let taken = (state.records, state.droppedUntold)
      state.records = []
      state.droppedUntold = 0
      return taken
    }
  }

  /// True when everything logged before is written; false when that took longer than `milliseconds`.
  func flush(milliseconds: Int) -> Bool {
    wait(milliseconds) { state.records.isEmpty && state.droppedUntold == 0 && !state.isWriting }
  }

  /// Takes no more records. True when the writer has written the rest in time and is about to end.
  func close(milliseconds: Int) -> Bool {
    locked {
      state.isClosed = true
      pthread_cond_broadcast(changed)
    }
    return wait(milliseconds) { state.hasEnded }
  }

  private func wait(_ milliseconds: Int, until isDone: () -> Bool) -> Bool {
    let nanoseconds = Int(MonotonicClock.now()) + milliseconds * 1_000_000
    var deadline = timespec(tv_sec: nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
    return locked {
      while !isDone() {
        if pthread_cond_timedwait(changed, mutex, &deadline) == ETIMEDOUT { return isDone() }
      }
      return true
    }
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }
}

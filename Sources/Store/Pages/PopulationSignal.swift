import Glibc

/// Wakes the helper thread that populates ahead. Raising it again costs a flag.
final class PopulationSignal: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private(set) var isRaised = false
  private var isStopped = false

  init() {
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    condition.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  func raise() {
    pthread_mutex_lock(mutex)
    isRaised = true
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Sleeps until it is raised. False once it was stopped.
  func wait() -> Bool {
    pthread_mutex_lock(mutex)
    while !isRaised, !isStopped { pthread_cond_wait(condition, mutex) }
    isRaised = false
    let goesOn = !isStopped
    pthread_mutex_unlock(mutex)
    return goesOn
  }

  func stop() {
    pthread_mutex_lock(mutex)
    isStopped = true
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }
}

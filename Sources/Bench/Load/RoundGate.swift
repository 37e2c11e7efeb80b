import Base
// Imported before Glibc: epoll.h in here declares timespec too, and an incremental build may take the type from there.
import CLinux
import Glibc

/// Where the main thread and a target's lanes meet at the start and the end of each round.
final class RoundGate: @unchecked Sendable {
  /// What the lanes are to do next.
  struct Order: Sendable {
    var number = 0
    var isLast = false
  }

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var order = Order()
  private var running = 0

  init() {
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(changed, &attributes)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  // MARK: - Main's side

  func open(lanes: Int, isLast: Bool = false) {
    pthread_mutex_lock(mutex)
    order = Order(number: order.number + 1, isLast: isLast)
    running = lanes
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(mutex)
  }

  /// True when all lanes have finished; false on timeout.
  func waitForLanes(nanoseconds: UInt64) -> Bool {
    let end = MonotonicClock.now() + nanoseconds
    var deadline = timespec(tv_sec: Int(end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while running > 0 {
      if pthread_cond_timedwait(changed, mutex, &deadline) == ETIMEDOUT { return running == 0 }
    }
    return true
  }

  // MARK: - A lane's side

  func waitForOrder(after number: Int) -> Order {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while order.number == number { pthread_cond_wait(changed, mutex) }
    return order
  }

  func arrive() {
    pthread_mutex_lock(mutex)
    running -= 1
    if running == 0 { pthread_cond_broadcast(changed) }
    pthread_mutex_unlock(mutex)
  }
}

import Glibc

/// A value that only one thread at a time can reach.
/// Not `Synchronization.Mutex`: that is a bare futex which the thread sanitizer cannot see, and locks that cannot be
/// checked are not worth their speed.
package struct Guarded<Value>: ~Copyable, @unchecked Sendable {
  @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
  @usableFromInline let value: UnsafeMutablePointer<Value>

  @inlinable
  package init(_ initial: Value) {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    value = .allocate(capacity: 1)
    value.initialize(to: initial)
  }

  @inlinable
  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
    value.deinitialize(count: 1)
    value.deallocate()
  }

  @inlinable @inline(__always)
  package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    // Only what it is used wrongly for makes locking fail.
    let status = pthread_mutex_lock(mutex)
    precondition(status == 0)
    defer { pthread_mutex_unlock(mutex) }
    return body(&value.pointee)
  }
}

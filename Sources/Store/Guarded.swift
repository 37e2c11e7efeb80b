import Glibc

/// A value that only one thread at a time can reach.
/// Not `Synchronization.Mutex`: that is a bare futex which the thread sanitizer cannot see, and a store whose locks
/// cannot be checked is not worth its speed.
struct Guarded<Value>: ~Copyable, @unchecked Sendable {
  private struct Storage {
    var mutex = pthread_mutex_t()
    var value: Value
  }

  private let storage: UnsafeMutablePointer<Storage>

  init(_ value: Value) {
    storage = .allocate(capacity: 1)
    storage.initialize(to: Storage(value: value))
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    storage.deinitialize(count: 1)
    storage.deallocate()
  }

  /// The first field lies at the record's own address.
  private var mutex: UnsafeMutablePointer<pthread_mutex_t> {
    UnsafeMutableRawPointer(storage).assumingMemoryBound(to: pthread_mutex_t.self)
  }

  @inline(__always)
  func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    // Only what it is used wrongly for makes locking fail.
    let status = pthread_mutex_lock(mutex)
    precondition(status == 0)
    defer { pthread_mutex_unlock(mutex) }
    return body(&storage.pointee.value)
  }
}

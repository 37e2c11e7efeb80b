import Glibc

/// A value that only one thread at a time can reach.
/// Not `Synchronization.Mutex`: that is a bare futex which the thread sanitizer cannot see, and locks that cannot be
/// checked are not worth their speed.
package struct Guarded<Value>: ~Copyable, @unchecked Sendable {
  @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
  @usableFromInline let value: UnsafeMutablePointer<Value>
  @usableFromInline let rank: LockRank

  /// Lock and value lie side by side, and share their cache lines with nothing else: threads that use different ones would
  /// otherwise take the lines from each other.
  @inlinable
  package init(_ initial: Value, rank: LockRank = .last) {
    self.rank = rank
    let alignment = Limits.sharedLineBytes
    precondition(MemoryLayout<Value>.alignment <= alignment)
    let offset =
      (MemoryLayout<pthread_mutex_t>.size + MemoryLayout<Value>.alignment - 1)
      / MemoryLayout<Value>.alignment * MemoryLayout<Value>.alignment
    let byteCount = (offset + MemoryLayout<Value>.size + alignment - 1) / alignment * alignment
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: alignment)
    mutex = memory.bindMemory(to: pthread_mutex_t.self, capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    value = (memory + offset).bindMemory(to: Value.self, capacity: 1)
    value.initialize(to: initial)
  }

  @inlinable
  deinit {
    value.deinitialize(count: 1)
    pthread_mutex_destroy(mutex)
    UnsafeMutableRawPointer(mutex).deallocate()
  }

  @inlinable @inline(__always)
  package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    #if DEBUG
      rank.take()
      defer { rank.release() }
    #endif
    // Locking fails only where it is used wrongly.
    let status = pthread_mutex_lock(mutex)
    precondition(status == 0)
    defer { pthread_mutex_unlock(mutex) }
    return body(&value.pointee)
  }
}

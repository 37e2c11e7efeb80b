import Glibc

/// The order in which locks are taken. A thread that holds one takes only locks of a higher rank: so no two threads wait for
/// each other, and locks of one rank are never held together. Debug builds trap where it is otherwise.
package struct LockRank: Sendable {
  @usableFromInline let rawValue: UInt8

  /// The store's helper thread, for as long as a step takes.
  package static let population = LockRank(rawValue: 0)
  /// A stripe of the store's index.
  package static let stripe = LockRank(rawValue: 1)
  /// The store's books, and what was promised: never together.
  package static let ledger = LockRank(rawValue: 2)
  package static let promises = LockRank(rawValue: 2)
  /// A shard of the registry.
  package static let shard = LockRank(rawValue: 2)
  /// Under it nothing is locked.
  package static let last = LockRank(rawValue: 3)
}

#if DEBUG
  extension LockRank {
    /// A bit for each rank that the thread holds, in the place of a pointer.
    private static let held: pthread_key_t = {
      var key = pthread_key_t()
      precondition(pthread_key_create(&key, nil) == 0, "the system has a key for a thread's value")
      return key
    }()

    private static var heldBits: UInt {
      get { UInt(bitPattern: pthread_getspecific(held)) }
      set { pthread_setspecific(held, UnsafeRawPointer(bitPattern: newValue)) }
    }

    @usableFromInline func take() {
      precondition(Self.heldBits >> UInt(rawValue) == 0, "locks are taken in the order of their ranks")
      Self.heldBits |= 1 << UInt(rawValue)
    }

    @usableFromInline func release() { Self.heldBits &= ~(1 << UInt(rawValue)) }
  }
#endif

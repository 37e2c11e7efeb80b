import Synchronization

/// A number that one thread adds to and any thread reads.
/// With a single writer a load and a store do; no locked instruction is needed.
package struct Counter: ~Copyable, Sendable {
  private let storage = Atomic<UInt64>(0)

  package init() {}

  package var value: UInt64 { storage.load(ordering: .relaxed) }

  package func add(_ amount: Int = 1) {
    storage.store(storage.load(ordering: .relaxed) &+ UInt64(truncatingIfNeeded: amount), ordering: .relaxed)
  }
}

import Synchronization

/// A number that any thread adds to and any thread reads.
package final class SharedCounter: Sendable {
  private let storage = Atomic<UInt64>(0)

  package init() {}

  package var value: UInt64 { storage.load(ordering: .relaxed) }

  package func add(_ amount: Int = 1) { storage.wrappingAdd(UInt64(amount), ordering: .relaxed) }
}

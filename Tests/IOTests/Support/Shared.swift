import Base

/// A value shared by the tasks of a test.
final class Shared<Value: Sendable>: Sendable {
  private let storage: Guarded<Value>

  init(_ value: Value) { storage = Guarded(value) }

  var value: Value { storage.withLock { $0 } }

  func change(_ body: (inout sending Value) -> Void) { storage.withLock { body(&$0) } }
}

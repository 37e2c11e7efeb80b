import Base

/// A value that the tasks of a test share.
final class Shared<Value: Sendable>: Sendable {
  private let storage: Guarded<Value>

  init(_ value: Value) { storage = Guarded(value) }

  var value: Value { storage.withLock { $0 } }

  func change(_ body: (inout sending Value) -> Void) { storage.withLock { body(&$0) } }
}

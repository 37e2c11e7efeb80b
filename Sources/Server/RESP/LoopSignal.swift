/// Lets one task of a loop wait for another of the same loop.
struct LoopSignal: ~Copyable {
  private var waiter: UnsafeContinuation<Void, Never>?

  var isAwaited: Bool { waiter != nil }

  /// Called by what is run when the wait begins.
  mutating func arm(_ continuation: UnsafeContinuation<Void, Never>) {
    precondition(waiter == nil, "a signal has one waiter")
    waiter = continuation
  }

  mutating func ring() { waiter.take()?.resume() }
}

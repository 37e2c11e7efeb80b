import Base

/// Sessions that wait for their turn to move a slice of a body.
///
/// Small requests never queue here, so they overtake bodies of any size: a loop's turn first runs what is
/// ready, then lets the bulk queue move its share.
struct BulkQueue: ~Copyable {
  private struct Waiter {
    var continuation: UnsafeContinuation<Void, Never>
    var bytes: Int
  }

  private var waiters = Queue<Waiter>(capacity: 64)

  var count: Int { waiters.count }

  mutating func append(_ continuation: UnsafeContinuation<Void, Never>, bytes: Int) {
    waiters.append(Waiter(continuation: continuation, bytes: bytes))
  }

  /// Takes the first waiter if its slice fits into what is left of the turn's share; none is passed by.
  mutating func popFirst(share: inout Int) -> UnsafeContinuation<Void, Never>? {
    guard waiters.count > 0, waiters[0].bytes <= share else { return nil }
    let first = waiters.removeFirst()
    share -= first.bytes
    return first.continuation
  }
}

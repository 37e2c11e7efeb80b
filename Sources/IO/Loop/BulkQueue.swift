/// Sessions that wait for their turn to move a slice of a body.
///
/// Small requests never queue here, so they overtake bodies of any size: a loop's turn first runs what is
/// ready, then lets the bulk queue move its share.
struct BulkQueue: ~Copyable {
  private struct Waiter {
    var continuation: UnsafeContinuation<Void, Never>
    var bytes: Int
  }

  private var waiters: UnsafeMutableBufferPointer<Waiter>
  private var head = 0
  private(set) var count = 0

  init(capacity: Int = 256) {
    precondition(capacity & (capacity - 1) == 0, "the ring is masked")
    waiters = .allocate(capacity: capacity)
  }

  deinit { waiters.deallocate() }

  mutating func append(_ continuation: UnsafeContinuation<Void, Never>, bytes: Int) {
    if count == waiters.count { grow() }
    (waiters.baseAddress! + ((head + count) & (waiters.count - 1))).initialize(
      to: Waiter(continuation: continuation, bytes: bytes))
    count += 1
  }

  /// Takes the first waiter if its slice fits into what is left of the turn's share; none is passed by.
  mutating func popFirst(share: inout Int) -> UnsafeContinuation<Void, Never>? {
    guard count > 0, waiters[head].bytes <= share else { return nil }
    let waiter = (waiters.baseAddress! + head).move()
    head = (head + 1) & (waiters.count - 1)
    count -= 1
    share -= waiter.bytes
    return waiter.continuation
  }

  private mutating func grow() {
    let larger = UnsafeMutableBufferPointer<Waiter>.allocate(capacity: waiters.count * 2)
    for index in 0..<count {
      (larger.baseAddress! + index).initialize(to: waiters[(head + index) & (waiters.count - 1)])
    }
    waiters.deallocate()
    waiters = larger
    head = 0
  }
}

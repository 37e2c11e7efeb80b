import Base

/// So many at once, in the order in which they came. Of one loop.
final class DepthGate: @unchecked Sendable {
  private var free: Int
  private var waiters = Queue<UnsafeContinuation<Void, Never>>()

  init(_ count: Int) { free = count }

  func enter() async {
    if free > 0 { return free -= 1 }
    await withUnsafeContinuation { waiters.append($0) }
  }

  func leave() {
    if let next = waiters.popFirst() { next.resume() } else { free += 1 }
  }
}

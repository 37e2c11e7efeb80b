import Base
import Store

/// The wide buffers of one worker. They are made when first wanted, and then stay.
final class WideBufferPool {
  private let store: Store
  private var free: [WideBuffers] = []
  private var made = 0

  init(store: Store) {
    self.store = store
    free.reserveCapacity(Limits.wideBuffersPerLoop)
  }

  /// Nothing when all are lent.
  func borrow() -> WideBuffers? {
    if let buffers = free.popLast() { return buffers }
    guard made < Limits.wideBuffersPerLoop else { return nil }
    made += 1
    store.charge(2 * Limits.wideBytes)
    return WideBuffers()
  }

  func giveBack(_ buffers: WideBuffers) { free.append(buffers) }

  /// At the worker's end, when every connection has given back what it had.
  func clear() {
    precondition(free.count == made, "wide buffers are lent beyond the end")
    store.discharge(made * 2 * Limits.wideBytes)
    while let buffers = free.popLast() { buffers.deallocate() }
    made = 0
  }
}

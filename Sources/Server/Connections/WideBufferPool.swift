import Base
import Store

/// The wide buffers of one worker, for small values that come in a pipeline: most connections need none at any moment,
/// and thousands of them would not leave room for chunks. They are made when first wanted, and then stay.
final class WideBufferPool {
  private let store: Store
  private var free: [UnsafeMutableRawBufferPointer] = []
  private var made = 0

  init(store: Store) {
    self.store = store
    free.reserveCapacity(Limits.wideBuffersPerLoop)
  }

  /// Nothing when all are lent, or the budget has no room for another.
  func borrow() -> UnsafeMutableRawBufferPointer? {
    if let buffer = free.popLast() { return buffer }
    guard made < Limits.wideBuffersPerLoop else { return nil }
    guard store.book(Limits.wideBytes) else { return nil }
    made += 1
    return .allocate(byteCount: Limits.wideBytes, alignment: 64)
  }

  func giveBack(_ buffer: UnsafeMutableRawBufferPointer) { free.append(buffer) }

  /// At the worker's end, when every connection has given back what it had.
  func clear() {
    precondition(free.count == made, "wide buffers are lent beyond the end")
    store.discharge(made * Limits.wideBytes)
    while let buffer = free.popLast() { buffer.deallocate() }
    made = 0
  }
}

import Base
import Synchronization

/// Which walks are being fetched. A client looks a whole prompt up and fetches it chunk by chunk; while it does, what it has
/// still to fetch stays promised, however long the link takes for it.
///
/// A table without a lock in which a walk may displace another: the other's promises then last as long as they were told.
struct FetchedWalks: ~Copyable, @unchecked Sendable {
  private static let count = 1024
  /// The walk's number above, the second of its last fetch below.
  private let slots: UnsafeMutablePointer<Atomic<UInt64>>

  init() {
    slots = .allocate(capacity: Self.count)
    for index in 0..<Self.count { (slots + index).initialize(to: Atomic(0)) }
  }

  deinit {
    slots.deinitialize(count: Self.count)
    slots.deallocate()
  }

  static var bytes: Int { count * MemoryLayout<Atomic<UInt64>>.stride }

  func note(_ walk: UInt32, at second: UInt32) {
    guard walk != 0 else { return }
    let value = UInt64(walk) << 32 | UInt64(second)
    let slot = slots + Int(walk) % Self.count
    if slot.pointee.load(ordering: .relaxed) != value { slot.pointee.store(value, ordering: .relaxed) }
  }

  /// The second of the walk's last fetch, if it is known.
  func lastFetch(of walk: UInt32) -> UInt32? {
    guard walk != 0 else { return nil }
    let value = slots[Int(walk) % Self.count].load(ordering: .relaxed)
    return value >> 32 == UInt64(walk) ? UInt32(truncatingIfNeeded: value) : nil
  }
}

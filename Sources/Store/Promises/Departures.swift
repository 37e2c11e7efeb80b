import Base
import Synchronization

/// What was promised and is gone: a GET that misses within what its client was told is counted by the cause. A table
/// without a lock, of a fixed size: where two such keys share a slot the later one is remembered.
struct Departures: ~Copyable, @unchecked Sendable {
  enum Cause: UInt64 {
    case evicted
    /// A client deleted, flushed or replaced it, or its own time ended.
    case removed
    /// It was fetched since the last lookup.
    case fetched
  }

  private static let count = 8192
  private static let causeBits: UInt64 = 2
  private static let throughBits: UInt64 = 30
  /// Of a hash above; then the last second that was told, and the cause.
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

  func note(_ hash: UInt64, through second: UInt32, _ cause: Cause) {
    let slot = slots + Self.place(hash)
    if cause == .fetched, Self.isBroken(slot.pointee.load(ordering: .relaxed), at: second) { return }
    let through = UInt64(second) & (1 << Self.throughBits - 1)
    slot.pointee.store(Self.tag(hash) | through << Self.causeBits | cause.rawValue, ordering: .relaxed)
  }

  /// Why what was told of the key does not hold; nil where nothing was told of it, or the time is over.
  func cause(ofMissing hash: UInt64, at second: UInt32) -> Cause? {
    let value = slots[Self.place(hash)].load(ordering: .relaxed)
    guard value != 0, value & ~UInt64(UInt32.max) == Self.tag(hash), Self.through(value) >= second else { return nil }
    return Cause(rawValue: value & (1 << Self.causeBits - 1))
  }

  private static func isBroken(_ value: UInt64, at second: UInt32) -> Bool {
    value != 0 && value & (1 << causeBits - 1) != Cause.fetched.rawValue && through(value) >= second
  }

  private static func place(_ hash: UInt64) -> Int { Int(hash % UInt64(count)) }
  private static func tag(_ hash: UInt64) -> UInt64 { (hash >> 13) << 32 }
  private static func through(_ value: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: (value >> causeBits) & (1 << throughBits - 1))
  }
}

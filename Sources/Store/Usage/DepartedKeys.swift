import Base
import Synchronization

/// Which keys were evicted lately, and when: a look-up that misses one of them says that the room was too small for it. Places by
/// hash, the later key taking the place of the earlier; what was found is forgotten. Written and read by all without a lock.
final class DepartedKeys: @unchecked Sendable {
  private let places: UnsafeMutablePointer<Atomic<UInt64>>
  private let shift: UInt64
  private let count: Int

  static func bytes(budgetBytes: Int) -> Int {
    let wanted = max(64, min(budgetBytes / Limits.departedShare, Limits.departedBytesMax))
    return 1 << (Int.bitWidth - 1 - wanted.leadingZeroBitCount)
  }

  init(budgetBytes: Int) {
    count = Self.bytes(budgetBytes: budgetBytes) / MemoryLayout<UInt64>.stride
    shift = UInt64(UInt64.bitWidth - count.trailingZeroBitCount)
    places = .allocate(capacity: count)
    for index in 0..<count { (places + index).initialize(to: Atomic(0)) }
  }

  deinit {
    places.deinitialize(count: count)
    places.deallocate()
  }

  private func place(of hash: UInt64) -> Int { Int((hash &* 0x9E37_79B9_7F4A_7C15) >> shift) }

  private static func mark(of hash: UInt64) -> UInt64 { hash & 0xFFFF_FFFF_0000_0000 }

  func note(_ hash: UInt64, now: UInt64) {
    places[place(of: hash)].store(Self.mark(of: hash) | UInt64(Entry.tenths(now)), ordering: .relaxed)
  }

  /// How long ago it was evicted, in tenths of a second, if it was and no client has asked since.
  func gap(ofMissing hash: UInt64, now: UInt64) -> Int? {
    let place = places + place(of: hash)
    let found = place.pointee.load(ordering: .relaxed)
    guard found != 0, found & 0xFFFF_FFFF_0000_0000 == Self.mark(of: hash) else { return nil }
    place.pointee.store(0, ordering: .relaxed)
    return Entry.age(of: UInt32(truncatingIfNeeded: found), now: now)
  }
}

import Base
import Synchronization

/// What was just stored or fetched goes after everything older that is not promised: prefill hands over to decode through
/// this server, and several ranks fetch one chunk. That holds for a while, and for a share of the room; this counts the bytes
/// that were stored and fetched, so that an entry knows how much came after it.
struct RecentUses: ~Copyable, Sendable {
  private static let unitBytes = Limits.unitBytes
  /// In units; it may wrap.
  private let count = Atomic<UInt32>(0)
  private let unitsMax: Atomic<Int>

  init(budgetBytes: Int) { unitsMax = Atomic(Self.unitsMax(budgetBytes)) }

  func resize(budgetBytes: Int) { unitsMax.store(Self.unitsMax(budgetBytes), ordering: .relaxed) }

  private static func unitsMax(_ budgetBytes: Int) -> Int { budgetBytes / Limits.freshShare / unitBytes }

  /// A value of so many bytes. Under the lock of the entry's stripe.
  func note(_ part: UnsafeMutablePointer<Entry.StripePart>, bytes: Int, now: UInt64) {
    let units = UInt32(truncatingIfNeeded: bytes / Self.unitBytes)
    part.pointee.useCount = count.add(units, ordering: .relaxed).newValue
    part.pointee.usedAt = Entry.tenths(now)
  }

  /// Whether it was used so lately, and little enough since. A kept one is given its time whatever it takes. Under the lock of
  /// its stripe.
  func contain(_ part: UnsafeMutablePointer<Entry.StripePart>, bytes: Int, isKept: Bool, now: UInt64) -> Bool {
    // Loops' clocks differ by a turn.
    let age = Int32(bitPattern: Entry.tenths(now) &- part.pointee.usedAt)
    guard age < Limits.freshTenths else { return false }
    if isKept { return true }
    let since = Int(count.load(ordering: .relaxed) &- part.pointee.useCount)
    return since + bytes / Self.unitBytes <= unitsMax.load(ordering: .relaxed)
  }
}

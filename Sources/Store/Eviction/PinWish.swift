import Base
import Synchronization

/// Says that a writer found nothing to evict, so that readers who take hardly anything give way: one for each wish, and
/// none for a while then, for what one of them held may be enough.
struct PinWish: ~Copyable {
  /// 0: there is none.
  private let madeAt = Atomic<UInt64>(0)
  private let restsUntil = Atomic<UInt64>(0)

  func make(now: UInt64) {
    guard now >= restsUntil.load(ordering: .relaxed) else { return }
    madeAt.store(max(now, 1), ordering: .relaxed)
  }

  /// Whether there is a wish, and not an old one. It is the caller's to fulfil then.
  func take(now: UInt64) -> Bool {
    let made = madeAt.load(ordering: .relaxed)
    guard made != 0, now <= made + Limits.pinWishNanoseconds else { return false }
    guard madeAt.compareExchange(expected: made, desired: 0, ordering: .relaxed).exchanged else { return false }
    restsUntil.store(now + Limits.pinWishRestNanoseconds, ordering: .relaxed)
    return true
  }
}

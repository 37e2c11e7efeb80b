import Base
import Synchronization

/// Key hash -> entry, in stripes that are locked one at a time.
final class Index: @unchecked Sendable {
  /// A cache line of its own, so that stripes beside each other do not slow each other down.
  private struct Stripe: ~Copyable {
    let table = Mutex(StripeTable())
    private let padding: (UInt64, UInt64) = (0, 0)
  }

  private let stripes: UnsafeMutablePointer<Stripe>

  init() {
    stripes = .allocate(capacity: Limits.indexStripes)
    for number in 0..<Limits.indexStripes { (stripes + number).initialize(to: Stripe()) }
  }

  deinit {
    for number in 0..<Limits.indexStripes { withStripe(number) { $0.deallocate() } }
    stripes.deinitialize(count: Limits.indexStripes)
    stripes.deallocate()
  }

  static var bytesAtStart: Int { Limits.indexStripes * StripeTable.bytes(capacity: Limits.stripeSlotsMin) }

  @inline(__always)
  func withStripe<Result>(of hash: UInt64, _ body: (inout StripeTable) -> Result) -> Result {
    withStripe(Int(hash >> 58), body)
  }

  @inline(__always)
  func withStripe<Result>(_ number: Int, _ body: (inout StripeTable) -> Result) -> Result {
    precondition(number < Limits.indexStripes)
    return stripes[number].table.withLockUnchecked(body)
  }
}

import Base

/// Key hash -> entry, in stripes that are locked one at a time.
final class Index: @unchecked Sendable {
  private let stripes: UnsafeMutablePointer<Guarded<StripeTable>>

  private let disk: Mapping?

  /// - Parameter disk: what is known of copies on devices.
  init(_ parts: StripeParts, disk: Mapping?) {
    self.disk = disk
    stripes = .allocate(capacity: Limits.indexStripes)
    for number in 0..<Limits.indexStripes {
      (stripes + number).initialize(to: Guarded(StripeTable(parts, disk.map(DiskParts.init)), rank: .stripe))
    }
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
    return stripes[number].withLock(body)
  }
}

import Base

/// How many bytes are held by promises, and until when. One bucket a second: time itself ends promises, entries need not be
/// walked. It decides nothing; it is what the metrics and the invariants read.
struct PromiseBook: @unchecked Sendable {
  private static let ringCount = Limits.leaseSecondsMax + Limits.leaseRingSlackSeconds
  private let ring: UnsafeMutablePointer<Int>
  /// Buckets before this second are over.
  private(set) var second: UInt32 = 0
  private(set) var bytes = 0

  init() {
    ring = .allocate(capacity: Self.ringCount)
    ring.initialize(repeating: 0, count: Self.ringCount)
  }

  static var tableBytes: Int { ringCount * MemoryLayout<Int>.stride }

  /// Holds `amount` bytes through second `end`, instead of through `previous` (0: they were not held).
  mutating func hold(_ amount: Int, through end: UInt32, insteadOf previous: UInt32, at now: UInt32) {
    advance(to: now)
    release(amount, through: previous)
    guard end >= second else { return }
    precondition(Int(end - second) < Self.ringCount, "a promise fits the ring")
    ring[Int(end) % Self.ringCount] += amount
    bytes += amount
  }

  /// They are held no more.
  mutating func release(_ amount: Int, through end: UInt32) {
    guard end != 0, end >= second else { return }
    ring[Int(end) % Self.ringCount] -= amount
    bytes -= amount
    precondition(ring[Int(end) % Self.ringCount] >= 0 && bytes >= 0, "a promise is taken back once")
  }

  mutating func advance(to now: UInt32) {
    guard now > second else { return }
    if bytes > 0 {
      for passed in 0..<min(Int(now - second), Self.ringCount) {
        let bucket = (Int(second) + passed) % Self.ringCount
        bytes -= ring[bucket]
        ring[bucket] = 0
      }
    }
    second = now
  }

  func bytes(through end: UInt32) -> Int { ring[Int(end) % Self.ringCount] }

  func deallocate() { ring.deallocate() }
}

import Base

/// How many bytes are promised, and until when. One bucket a second: time itself ends leases, nobody walks entries.
struct LeaseBook: @unchecked Sendable {
  private static let ringCount = Limits.leaseSecondsMax + Limits.leaseRingSlackSeconds
  private let ring: UnsafeMutablePointer<Int>
  private var bytesMax: Int
  private var freshBytesMax: Int
  /// More is promised than a smaller budget allows: until that has run out, nothing is prolonged.
  private(set) var isOverdrawn = false
  /// Buckets before this second are over.
  private(set) var second: UInt32 = 0
  private(set) var bytes = 0

  /// How much a lease is worth to the one who gets it.
  enum Claim {
    /// A client asked and gets an answer.
    case asked
    /// A value was stored; nobody asked.
    case fresh
    /// The promise exists already and moves to new bytes.
    case carried
  }

  init(budgetBytes: Int) {
    bytesMax = budgetBytes / 100 * Limits.leasedPercentMax
    freshBytesMax = budgetBytes / 100 * Limits.freshLeasedPercentMax
    ring = .allocate(capacity: Self.ringCount)
    ring.initialize(repeating: 0, count: Self.ringCount)
  }

  mutating func resize(budgetBytes: Int) {
    bytesMax = budgetBytes / 100 * Limits.leasedPercentMax
    freshBytesMax = budgetBytes / 100 * Limits.freshLeasedPercentMax
    isOverdrawn = bytes > bytesMax
  }

  static var tableBytes: Int { ringCount * MemoryLayout<Int>.stride }

  /// Promises `amount` bytes through second `end`, in place of a promise through `previous` (0: none).
  /// A promise that still holds can be prolonged, but after the budget shrank below what is promised; it holds also then.
  mutating func promise(
    _ amount: Int, through end: UInt32, insteadOf previous: UInt32, at now: UInt32, claim: Claim
  ) -> Bool {
    advance(to: now)
    let holds = previous != 0 && previous >= second
    if !isAllowed(amount, claim, holds: holds) { return false }
    if holds { take(amount, from: previous) }
    if end >= second { give(amount, to: end) }
    return true
  }

  /// The entry is gone, and its promise with it.
  mutating func release(_ amount: Int, through end: UInt32) {
    if end != 0, end >= second { take(amount, from: end) }
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
    settle()
  }

  func bytes(through end: UInt32) -> Int { ring[Int(end) % Self.ringCount] }

  func deallocate() { ring.deallocate() }

  private func isAllowed(_ amount: Int, _ claim: Claim, holds: Bool) -> Bool {
    switch claim {
    case .asked: holds ? !isOverdrawn : bytes + amount <= bytesMax
    case .fresh: bytes + amount <= freshBytesMax
    case .carried: true
    }
  }

  private mutating func give(_ amount: Int, to end: UInt32) {
    precondition(Int(end - second) < Self.ringCount, "a lease fits the ring")
    ring[Int(end) % Self.ringCount] += amount
    bytes += amount
  }

  private mutating func take(_ amount: Int, from end: UInt32) {
    ring[Int(end) % Self.ringCount] -= amount
    bytes -= amount
    precondition(ring[Int(end) % Self.ringCount] >= 0 && bytes >= 0, "a promise is taken back once")
    settle()
  }

  private mutating func settle() {
    if bytes <= bytesMax { isOverdrawn = false }
  }
}

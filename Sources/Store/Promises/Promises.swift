import Base
import Synchronization

/// What all lanes know together of lookups and what came of them. Bounded in bytes, and booked.
final class Promises: Sendable {
  let leaseSeconds: UInt32
  let book = Guarded(PromiseBook(), rank: .promises)
  let accounts: AskerAccounts
  let walks = FetchedWalks()
  let departures = Departures()
  let pressure = EvictionPressure()
  let writers = RecentWriters()
  /// How long a yes holds: as long as clients took of late from asking to fetching.
  private let seconds: Atomic<UInt32>
  private let ripenedAt = Atomic<UInt32>(0)

  init(leaseSeconds: Int, budgetBytes: Int) {
    accounts = AskerAccounts(budgetBytes: budgetBytes)
    self.leaseSeconds = UInt32(leaseSeconds)
    seconds = Atomic(UInt32(min(leaseSeconds, Limits.promiseSecondsMin)))
  }

  deinit { book.withLock { $0.deallocate() } }

  static var tableBytes: Int {
    PromiseBook.tableBytes + AskerAccounts.bytes + FetchedWalks.bytes + Departures.bytes
  }

  /// The least that a yes holds.
  var secondsMin: UInt32 { min(leaseSeconds, UInt32(Limits.promiseSecondsMin)) }

  var secondsInForce: UInt32 { seconds.load(ordering: .relaxed) }

  /// `observed` is how long all but one in a thousand of late took from asking to fetching.
  func follow(observedSeconds observed: UInt32) {
    seconds.store(min(leaseSeconds, max(secondsMin, observed)), ordering: .relaxed)
  }

  /// Called a few times a second, from any loop.
  func keepHouse(at second: UInt32) {
    let last = ripenedAt.load(ordering: .relaxed)
    guard second >= last &+ max(1, secondsInForce) else { return }
    guard ripenedAt.compareExchange(expected: last, desired: second, ordering: .relaxed).exchanged else { return }
    accounts.ripen()
    writers.turn()
  }

  // MARK: What holds

  /// Whether another ask may begin a series, or prolong one: not so long after its first ask that what is told would not hold.
  @inline(__always)
  func mayBegin(_ promise: Promise, at second: UInt32) -> Bool {
    promise.firstAsked == 0 || promise.isOverAfterFetch(at: second)
      || second + secondsMin <= promise.firstAsked + leaseSeconds
  }

  /// Whether the entry may not be evicted. It is held by what was told, and while its walk is being fetched by that.
  @inline(__always)
  func holds(_ promise: Promise, at second: UInt32) -> Bool {
    promise.firstAsked != 0 && heldThrough(promise) >= second
  }

  /// The last second through which it is held as things are now; 0 is not at all.
  func heldThrough(_ promise: Promise) -> UInt32 {
    guard promise.firstAsked != 0 else { return 0 }
    var told = promise.through
    if let fetched = walks.lastFetch(of: promise.walk) { told = max(told, fetched + secondsMin) }
    return min(told, promise.firstAsked + leaseSeconds)
  }
}

/// How near to the recent end eviction has come.
struct EvictionPressure: ~Copyable, Sendable {
  /// When the last victim had been touched, in tenths of a second.
  private let horizon = Atomic<UInt32>(0)
  /// 0 is never.
  private let lastEviction = Atomic<UInt32>(0)

  /// `touchedAt` is the victim's last touch, if its turn in the order had come.
  func evicted(touchedAt: UInt32?, now: UInt32) {
    if let touchedAt, horizon.load(ordering: .relaxed) != touchedAt { horizon.store(touchedAt, ordering: .relaxed) }
    let now = max(1, now)
    if lastEviction.load(ordering: .relaxed) != now { lastEviction.store(now, ordering: .relaxed) }
  }

  /// Nothing was left to evict.
  func exhausted(now: UInt32) { evicted(touchedAt: now, now: now) }

  /// Whether the order alone keeps an entry for `tenths` of a second. Everything is safe where nothing has to go; and where
  /// something has, what lies twice as far from the cold end as the time in question: the order may be used up faster.
  func spares(touchedAt: UInt32, now: UInt32, for tenths: UInt32) -> Bool {
    let last = lastEviction.load(ordering: .relaxed)
    return last == 0 || now >= last &+ tenths
      || touchedAt >= horizon.load(ordering: .relaxed) &+ 2 * tenths
  }
}

/// Which clients stored something of late, by the bits of `Asker`.
struct RecentWriters: ~Copyable, Sendable {
  private let bits = Atomic<UInt32>(0)

  /// The clients of this period in the low half, of the one before in the high one.
  func note(_ bit: UInt16) {
    let old = bits.load(ordering: .relaxed)
    if old & UInt32(bit) == 0 { bits.store(old | UInt32(bit), ordering: .relaxed) }
  }

  func turn() {
    let old = bits.load(ordering: .relaxed)
    bits.store(old << 16, ordering: .relaxed)
  }

  /// Whether no other client stores anything.
  func isAlone(_ bit: UInt16) -> Bool {
    let all = bits.load(ordering: .relaxed)
    return (all | all >> 16) & 0xFFFF & ~UInt32(bit) == 0
  }
}

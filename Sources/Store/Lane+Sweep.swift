import Base

/// Where a lane's search for expired entries stands. Every lane has stripes of its own.
struct Sweeper: Sendable {
  private let first: Int
  private let step: Int
  private(set) var stripe: Int
  var home = 0

  init(lane: Int, of laneCount: Int) {
    (first, step, stripe) = (lane, laneCount, lane)
  }

  var stripeCount: Int { (Limits.indexStripes - first + step - 1) / step }

  mutating func goToNextStripe() {
    stripe = stripe + step < Limits.indexStripes ? stripe + step : first
    home = 0
  }
}

extension Lane {
  /// Removes what has expired, a bounded walk at a time. Reading a name removes it, too; this is for names that are not read.
  func sweep(now: UInt64) {
    var homes = 0
    for _ in 0..<max(0, sweeper.stripeCount) {
      while sweepPart(now: now) {
        homes += Limits.homesPerLock
        guard homes < Limits.sweepHomesMax else { return }
      }
      sweeper.goToNextStripe()
    }
  }

  /// True when there is more of the stripe to look at.
  private func sweepPart(now: UInt64) -> Bool {
    vault.index.withStripe(sweeper.stripe) { table in
      guard sweeper.home > 0 || table.mayExpire else { return false }
      // A deadline that is set from here on sets it again, and so does every one that is met on the way.
      if sweeper.home == 0 { table.mayExpire = false }
      let end = min(sweeper.home + Limits.homesPerLock, table.capacity)
      while sweeper.home < end {
        guard let id = expired(atHome: sweeper.home, now: now, in: &table) else {
          sweeper.home += 1
          continue
        }
        removeEntry(id, vault.entries[id].pointee.hash, .expired, in: &table)
        counters.expired.add()
      }
      return sweeper.home < table.capacity
    }
  }

  private func expired(atHome home: Int, now: UInt64, in table: inout StripeTable) -> EntryID? {
    var expired: EntryID?
    var mayExpire = table.mayExpire
    table.forEach(atHome: home) { id in
      guard table[id].pointee.deadline != 0 else { return }
      if table[id].pointee.hasExpired(at: now) { expired = id } else { mayExpire = true }
    }
    table.mayExpire = mayExpire
    return expired
  }
}

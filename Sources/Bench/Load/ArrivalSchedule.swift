import Base
import Glibc

/// When the arrivals of an open loop are due, independent of earlier requests.
struct ArrivalSchedule {
  private let meanNanoseconds: Double
  private let isPoisson: Bool
  private var random: SplitMix64
  /// A fraction, so that the rate is exact in the long run.
  private var due = 0.0

  init(perSecond: Double, isPoisson: Bool, seed: UInt64) {
    precondition(perSecond > 0, "an open loop has arrivals")
    meanNanoseconds = 1e9 / perSecond
    self.isPoisson = isPoisson
    random = SplitMix64(seed: seed)
  }

  /// Nanoseconds from the start of the round.
  var nextDue: UInt64 { UInt64(due) }

  mutating func restart() { due = isPoisson ? gap() : 0 }

  mutating func advance() { due += gap() }

  private mutating func gap() -> Double {
    guard isPoisson else { return meanNanoseconds }
    // Keeps the argument of the logarithm above zero.
    let share = (Double(random.next() >> 11) + 1) / Double(UInt64(1) << 53)
    return -log(share) * meanNanoseconds
  }
}

import Testing

@testable import Base

@Suite
struct GuardedTests {
  /// Threads that use different instances must not share cache lines.
  @Test
  func neighboursShareNoCacheLine() {
    let line = UInt(Limits.sharedLineBytes)
    let first = Guarded((UInt8(1), UInt64(2)))
    let second = Guarded(UInt8(3))
    let starts = [UInt(bitPattern: first.mutex), UInt(bitPattern: second.mutex)]
    #expect(starts.allSatisfy { $0 % line == 0 } && starts[0] != starts[1])
    #expect(UInt(bitPattern: first.value) / line == starts[0] / line)
    #expect(UInt(bitPattern: second.value) / line == starts[1] / line)
  }

  @Test
  func whatIsGuardedLivesAsLongAsItsGuard() {
    final class Witness: Sendable {}
    weak var seen: Witness?
    do {
      let witness = Witness()
      seen = witness
      let guarded = Guarded([witness])
      #expect(guarded.withLock { $0.count } == 1)
    }
    #expect(seen == nil)
  }

  #if DEBUG
    @Test
    func locksAreTakenInTheOrderOfTheirRanks() async {
      let stripe = Guarded(1, rank: .stripe)
      let ledger = Guarded(2, rank: .ledger)
      let together = stripe.withLock { first in ledger.withLock { first + $0 } }
      // Behind both, either may be taken again.
      let apart = ledger.withLock { $0 } + stripe.withLock { $0 }
      #expect(together == 3 && apart == 3)
      await #expect(processExitsWith: .failure) {
        let stripe = Guarded(1, rank: .stripe)
        let ledger = Guarded(2, rank: .ledger)
        ledger.withLock { _ in stripe.withLock { $0 += 1 } }
      }
      await #expect(processExitsWith: .failure) {
        let promises = Guarded(1, rank: .promises)
        let ledger = Guarded(2, rank: .ledger)
        promises.withLock { _ in ledger.withLock { $0 += 1 } }
      }
    }
  #endif
}

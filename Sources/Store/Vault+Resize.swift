import Base

/// A budget that changes while all lanes work.
///
/// Growing is in force at once. Shrinking is in force at once for all who want more: no page, no record and no promise
/// is given beyond it. What is already kept beyond it goes as far as it may: at once what is neither promised nor read,
/// the rest as promises and reads end. No promise is broken for it; asking alone does not prolong one beyond `--lease`.
extension Vault {
  func resize(budgetBytes: Int, now: UInt64) {
    ledger.withLock { ledger in
      ledger.noteTime(now)
      ledger.resize(to: budgetBytes, reachBytes: configuration.reachBytes)
    }
    uses.resize(budgetBytes: budgetBytes)
    promises.accounts.resize(budgetBytes: budgetBytes)
    shed()
    populationSignal.raise()
  }

  /// Evicts what a smaller budget has no room for. What has to wait stays for the next call.
  func shed() {
    let fits = evict(for: .budget, looksMax: .max, while: { $0.isOverBudget })
    ledger.withLock { $0.noteLeastUse() }
    if !fits { hurryBodies() }
  }

  /// Bodies in flight cannot be evicted. While they hold more than their share, one after the other is told to give way.
  private func hurryBodies() {
    ledger.withLock { ledger in
      guard ledger.bodies.heldBytes > ledger.inFlightBytesMax else { return }
      let none: BodyID = 0
      _ = ledger.bodies.mustYield(none, now: ledger.latestNow)
    }
  }
}

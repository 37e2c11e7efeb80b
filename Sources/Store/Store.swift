import Base
import Policy

/// Values under keys, in memory, within a budget that covers everything it holds. Knows no protocol and no socket.
/// Every loop works through its own `Lane`; what is here concerns all of them.
package final class Store: Sendable {
  let vault: Vault
  private let lanes: [Lane]
  private let gaps = Guarded((lookedAt: UInt32(0), window: GapWindow()))

  package init(_ configuration: StoreConfiguration) throws(StoreFailure) {
    precondition(configuration.laneCount > 0 && configuration.clientsMax > 0)
    precondition((0...Limits.leaseSecondsMax).contains(configuration.leaseSeconds))
    try Self.checkBudget(configuration)
    let vault = try Vault(configuration)
    self.vault = vault
    lanes = (0..<configuration.laneCount).map { Lane(vault: vault, index: $0) }
  }

  package func lane(_ index: Int) -> Lane { lanes[index] }

  private static func checkBudget(_ configuration: StoreConfiguration) throws(StoreFailure) {
    let pageCount = max(0, configuration.budgetBytes) / Limits.pageBytes
    let tables = Ledger.fixedBytes(configuration, pageCount: pageCount) + Index.bytesAtStart
    let minimum = max(Limits.storeBytesMin, tables + Limits.storeBytesMin / 2)
    guard configuration.budgetBytes >= minimum else {
      throw .budgetTooSmall(bytes: configuration.budgetBytes, minimumBytes: minimum)
    }
  }

  // MARK: Population

  /// One step; true when there may be another.
  package func populateAhead() -> Bool { vault.populateAhead() }

  /// Sleeps until population is needed. False once `stopPopulation` was called.
  package func waitForPopulationWork() -> Bool { vault.populationSignal.wait() }

  package func stopPopulation() { vault.populationSignal.stop() }

  // MARK: Another budget

  /// Changes the budget while all lanes work. Afterwards the books tell what is in force, and what is still beyond it:
  /// promised or being read, it goes as that ends.
  package func resize(budgetBytes: Int, now: UInt64) {
    precondition(budgetBytes > 0)
    vault.resize(budgetBytes: budgetBytes, now: now)
  }

  /// For housekeeping: tells the time, and wakes the helper when something is beyond the budget or to be renewed.
  package func keepWithinBudget(now: UInt64) {
    let hasWork = vault.ledger.withLock { ledger in
      ledger.noteTime(now)
      ledger.noteLeastUse()
      ledger.pages.resumePopulation()
      return ledger.isOverBudget || ledger.isWorthWithdrawing || ledger.pages.hasStaleBlock
    }
    if hasWork { vault.populationSignal.raise() }
    followClients(now: now)
  }

  /// A yes holds as long as clients take to come for what they asked for.
  private func followClients(now: UInt64) {
    let second = Vault.second(now)
    vault.promises.keepHouse(at: second)
    let observed: UInt32? = gaps.withLock { gaps in
      guard second > gaps.lookedAt else { return nil }
      gaps.lookedAt = second
      var counts = GapWindow.Counts(repeating: 0)
      var lane = 0
      while lane < lanes.count {
        lanes[lane].counters.gaps.add(to: &counts)
        lane += 1
      }
      return gaps.window.observe(at: second, counts)
    }
    if let observed { vault.promises.follow(observedSeconds: observed) }
  }

  /// How long a yes holds at present.
  package var promiseSeconds: Int { Int(vault.promises.secondsInForce) }

  /// For the connection with this number of a client with this identity: the same for all connections of one client, as far
  /// as that can be known.
  package func asker(
    identity: UInt64, connection: Int, fansOut: Bool = false, client: ClientPlace = .none
  ) -> Asker {
    let asker = Asker(identity: identity, connection: connection, fansOut: fansOut, client: client)
    vault.promises.accounts.open(asker.account)
    return asker
  }

  /// What a policy that learns has seen.
  package var policyFigures: PolicyFigures? { vault.ledger.withLock { $0.order.figures } }

  /// What a policy that learns has learnt, for another process to go on from.
  package var knowledge: Knowledge? {
    let seed = vault.configuration.hashSeed
    return vault.ledger.withLock { $0.order.knowledge(seed: seed) }
  }

  package func adopt(_ knowledge: Knowledge) {
    let seed = vault.configuration.hashSeed
    vault.ledger.withLock { $0.order.adopt(knowledge, seed: seed) }
  }

  /// How many values gave way, and what for.
  package func evicted(for reason: EvictionReason) -> UInt64 { vault.evictions.value(reason) }
  package var evicted: UInt64 { EvictionReason.allCases.reduce(0) { $0 + evicted(for: $1) } }

  /// What a device may write of all that is in memory, the last used first.
  package func newestFirst(for device: Int, countMax: Int) -> [ValueRef] {
    let vault = vault
    return vault.ledger.withLock { $0.newestFirst(countMax: countMax) { vault.deviceNumber(of: $0) == device } }
  }

  // MARK: Others' memory

  /// Books bytes that others hold, evicting for them. While all that is kept is promised or read they may overdraw the budget
  /// by a little, which the reserve beside it is for. False when it is more: the bytes are booked all the same, and their
  /// holder has to discharge them or to end.
  package func charge(_ bytes: Int) -> Bool {
    precondition(bytes >= 0)
    vault.ledger.withLock { $0.charge(bytes) }
    if vault.headroom.noteCharge(bytes) { wantRoomReading() }
    defer { if vault.ledger.withLock({ $0.isWorthWithdrawing }) { vault.populationSignal.raise() } }
    if vault.evict(for: .buffers, while: { $0.isOverBudget }) { return true }
    return bytes <= Limits.overdraftEachMax && vault.ledger.withLock { $0.isBarelyOverdrawn }
  }

  /// As `charge`, for memory that its holder takes only when the answer is yes: a no leaves the books as they were.
  package func book(_ bytes: Int) -> Bool {
    if charge(bytes) { return true }
    vault.ledger.withLock { $0.unbook(bytes) }
    return false
  }

  package func discharge(_ bytes: Int) {
    let isWorthTrimming = vault.ledger.withLock {
      $0.discharge(bytes)
      return $0.untrimmedBytes >= Limits.trimBytesMin
    }
    if isWorthTrimming { vault.populationSignal.raise() }
  }

  /// Whether a writer misses what is pinned for readers. One who asks and hears yes lets go of it: the next is told no, unless
  /// that was not enough.
  package func takesPinsBack(now: UInt64) -> Bool { vault.pinWish.take(now: now) }

  // MARK: Books

  package var budgetBytes: Int { vault.ledger.withLock { $0.budgetBytes } }
  package var usedBytes: Int { vault.ledger.withLock { $0.usedBytes } }

  /// Whether half of the places for bodies are free: the other half is for clients that have none.
  package var hasBodiesToSpare: Bool { vault.ledger.withLock { $0.bodies.count * 2 < vault.configuration.clientsMax } }

  /// Without a time, promises that ran out since the last look-up still count.
  package func snapshot(now: UInt64 = 0) -> StoreSnapshot {
    var snapshot = vault.ledger.withLock { $0.snapshot() }
    snapshot.leasedBytes = vault.promises.book.withLock {
      $0.advance(to: Vault.second(now))
      return $0.bytes
    }
    return snapshot
  }

  /// Traps when the books do not add up. For tests and the simulator, while nothing else uses the store.
  package func checkInvariants() { vault.checkInvariants() }
}

/// Why a store could not be made.
package enum StoreFailure: Error, Equatable, CustomStringConvertible {
  case budgetTooSmall(bytes: Int, minimumBytes: Int)
  case mappingRefused(bytes: Int, errno: Int32)

  package var description: String {
    switch self {
    case .budgetTooSmall(let bytes, let minimumBytes):
      "a memory budget of \(bytes) bytes is too small: at least \(minimumBytes) are needed"
    case .mappingRefused(let bytes, let errno):
      "the system refused to map \(bytes) bytes (errno \(errno))"
    }
  }
}

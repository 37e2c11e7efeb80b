import Base

/// What a store is told when it is made. Only its budget may change afterwards, by `Store.resize`.
package struct StoreConfiguration: Sendable {
  /// Everything the store holds, tables included, stays within this to begin with.
  package var budgetBytes: Int
  /// The most that the budget may ever become: addresses for it are reserved at the start, which costs no memory.
  package var reachBytes: Int
  /// What a positive `exists` promises; 0 turns leases off.
  package var leaseSeconds: Int
  /// Seeds the key hash: drawn from the system in service, fixed for a replay.
  package var hashSeed: UInt64
  package var laneCount: Int
  /// Bodies that may be arriving at once: one a connection.
  package var clientsMax: Int
  /// What others hold from the start to the end, booked with the store's own tables.
  package var besideBytes = 0
  package var policy = EvictionPolicy.lru
  /// Whether a log of all changes is kept.
  package var notesChanges = false
  /// Of a store with devices.
  package var disk: DiskBooks?
  /// A key counts for the first that it fits.
  package var quotas: [Quota] = []
  package var plantedBug: PlantedBug?

  package init(
    budgetBytes: Int, reachBytes: Int? = nil, leaseSeconds: Int = Limits.leaseSecondsDefault, hashSeed: UInt64,
    laneCount: Int = 1,
    clientsMax: Int = Limits.bodiesMaxDefault
  ) {
    self.budgetBytes = budgetBytes
    self.reachBytes = max(budgetBytes, reachBytes ?? budgetBytes)
    self.leaseSeconds = leaseSeconds
    self.hashSeed = hashSeed
    self.laneCount = laneCount
    self.clientsMax = clientsMax
  }

  @inline(__always)
  func hasPlanted(_ bug: PlantedBug) -> Bool { PlantedFaults.arePossible && plantedBug == bug }
}

/// What may go wrong in a store on purpose.
package enum PlantedBug: Sendable {
  /// A value can be found before its bytes have arrived.
  case publishEarly
  /// Pages go back although they are still read.
  case reuseUnderPin
  /// What was promised goes like anything else.
  case breakPromises
  /// What was lent to the kernel is written again while it may still be read.
  case reuseLent
}

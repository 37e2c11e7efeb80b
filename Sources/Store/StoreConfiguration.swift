import Base

/// What a store is told when it is made. Nothing in it changes afterwards.
package struct StoreConfiguration: Sendable {
  /// Everything the store holds, tables included, stays within this.
  package var budgetBytes: Int
  /// What a positive `exists` promises; 0 turns leases off.
  package var leaseSeconds: Int
  /// Seeds the key hash: drawn from the system in service, fixed for a replay.
  package var hashSeed: UInt64
  package var laneCount: Int
  /// Bodies that may be arriving at once: one a connection.
  package var clientsMax: Int
  #if DEBUG
    package var plantedBug: PlantedBug?
  #endif

  package init(
    budgetBytes: Int, leaseSeconds: Int = Limits.leaseSecondsDefault, hashSeed: UInt64, laneCount: Int = 1,
    clientsMax: Int = Limits.bodiesMaxDefault
  ) {
    self.budgetBytes = budgetBytes
    self.leaseSeconds = leaseSeconds
    self.hashSeed = hashSeed
    self.laneCount = laneCount
    self.clientsMax = clientsMax
  }
}

#if DEBUG
  /// Errors made on purpose, so that the simulator can prove that it would notice them.
  package enum PlantedBug: Sendable {
    /// A value can be found before its bytes have arrived.
    case publishEarly
    /// Pages go back although somebody still reads them.
    case reuseUnderPin
  }
#endif

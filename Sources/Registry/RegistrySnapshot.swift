/// The registry's books at one moment.
package struct RegistrySnapshot: Sendable {
  package var budgetBytes: Int
  /// Log and tables.
  package var usedBytes: Int
  package var entries = 0
  /// Of the log: what entries take, and what waits to be closed up.
  package var liveBytes = 0
  package var gapBytes = 0
  /// Entries that gave way to newer ones, since the start.
  package var droppedTotal = 0
  package var ownersByState: [Int] = []

  package func owners(_ state: OwnerState) -> Int { ownersByState[state.rawValue] }
}

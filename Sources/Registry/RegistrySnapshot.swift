/// The registry's figures at one moment.
package struct RegistrySnapshot: Sendable {
  package var budgetBytes: Int
  /// Log and tables.
  package var usedBytes: Int
  package var entries = 0
  /// Bytes of the log: living entries, and gaps that wait to be closed.
  package var liveBytes = 0
  package var gapBytes = 0
  /// Entries dropped for newer ones since the start.
  package var droppedTotal = 0
  package var ownersByState: [Int] = []

  package func owners(_ state: OwnerState) -> Int { ownersByState[state.rawValue] }
}

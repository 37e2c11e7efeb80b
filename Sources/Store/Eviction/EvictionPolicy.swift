/// In which order values go when room is needed. Called under the ledger's lock.
/// Kept entries are a class of their own: they go when no ordinary one can.
protocol EvictionPolicy {
  /// How many entries of the class are ordered.
  func count(kept: Bool) -> Int
  /// Takes an entry in, or moves one it has: just older than `predecessor` if that is ordered, else most recent.
  mutating func touch(_ id: EntryID, after predecessor: EntryID?)
  mutating func remove(_ id: EntryID)
  /// The entry of the class to lose first.
  func victim(kept: Bool) -> EntryID?
}

/// The books of the store at one moment.
package struct StoreSnapshot: Equatable, Sendable {
  package var budgetBytes = 0
  /// Pages, records, tables and charged bytes together.
  package var usedBytes = 0
  package var usedBytesHighWater = 0
  package var pageBytes = 0
  package var recordBytes = 0
  package var indexBytes = 0
  package var chargedBytes = 0
  /// Fixed tables: page links, bodies.
  package var fixedBytes = 0
  package var inFlightBytes = 0
  package var inFlightBodies = 0
  package var objects = 0
  /// Of those, what only devices have, and what each of them takes in memory beside its key.
  package var away = 0
  package var recordBytesEach = 0
  package var keyBytes = 0
  package var leasedBytes = 0
  /// Arena memory that is backed by real pages, used or not.
  package var populatedBytes = 0
}

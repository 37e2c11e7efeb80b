import Base

extension Lane {
  /// Shows entries from where `cursor` stands and returns the cursor to go on with; 0 begins and ends. Every entry that is
  /// there during the whole walk is shown at least once, tables growing or not. It goes on until `isEnough`, which is asked
  /// between a few entries. A cursor that no call gave out ends the walk.
  /// What is shown is only valid within `visit`, and a stripe is locked meanwhile: copy and return, no I/O.
  package func walk(
    from cursor: UInt64, homesMax: Int, now: UInt64, until isEnough: () -> Bool, _ visit: (KeyEntry) -> Void
  ) -> UInt64 {
    guard var cursor = WalkCursor(cursor) else { return 0 }
    var homes = homesMax
    while !cursor.isAtEnd, homes > 0, !isEnough() {
      let stripe = cursor.stripe
      vault.index.withStripe(stripe) { table in
        for _ in 0..<Limits.homesPerLock where cursor.stripe == stripe && homes > 0 && !isEnough() {
          table.forEach(atHome: cursor.home(capacity: table.capacity)) { id in
            guard !table[id].pointee.hasExpired(at: now) else { return }
            visit(KeyEntry(id, vault.entries, in: table))
          }
          cursor.advance(capacity: table.capacity)
          homes -= 1
        }
      }
    }
    return cursor.number
  }

  /// Its length.
  package func copyKey(of entry: KeyEntry, into room: UnsafeMutableRawBufferPointer) -> Int {
    vault.entries.copyKey(of: entry.id, into: room)
  }
}

import Base

/// What was removed for an administrator.
package struct Removal: Equatable, Sendable {
  package var values = 0
  package var bytes = 0
  /// Of the values, those of which only a device had the bytes.
  package var onDiskOnly = 0

  package init() {}

  fileprivate mutating func count(_ entry: KeyEntry, isAway: Bool) {
    // An annotation without its value has none of the bytes that it tells of.
    guard entry.kind != .hidden else { return }
    values += 1
    bytes += entry.length
    if isAway { onDiskOnly += 1 }
  }
}

extension Lane {
  /// Removes everything under a key, whatever it is.
  package func removeAll(key: UnsafeRawBufferPointer, now: UInt64) -> Removal {
    transact(on: key, now: now) { key in
      var removal = Removal()
      while let entry = key.entry(of: .all) {
        removal.count(entry, isAway: key.away(entry) != nil)
        key.remove(entry)
        counters.removed.add()
      }
      key.removeElsewhere()
      return removal
    }
  }

  /// Removes what is wanted from where `cursor` stands, promises and all, and returns the cursor to go on with; 0 begins and
  /// ends. A call looks at so much and removes so much, at the most; a stripe is locked for a few homes at a time. What is there during all
  /// calls goes; what is stored meanwhile may stay.
  package func removeSome(
    from cursor: UInt64, counting removal: inout Removal, _ event: ChangeEvent = .removed,
    where isWanted: (_ key: UnsafeRawBufferPointer) -> Bool
  ) -> UInt64 {
    guard var cursor = WalkCursor(cursor) else { return 0 }
    var (homes, room) = (Limits.removalHomesPerStep, Limits.removalsPerStep)
    while !cursor.isAtEnd, homes > 0, room > 0 {
      let stripe = cursor.stripe
      vault.index.withStripe(stripe) { table in
        for _ in 0..<Limits.homesPerLock where cursor.stripe == stripe && room > 0 {
          // Others of its home may move up to the place of one that goes: they are looked for anew.
          while let id = firstWanted(atHome: cursor.home(capacity: table.capacity), in: table, isWanted) {
            removal.count(KeyEntry(id, vault.entries, in: table), isAway: vault.isAway(id, in: table))
            removeEntry(id, vault.entries[id].pointee.hash, event, in: &table)
            counters.removed.add()
            room -= 1
          }
          cursor.advance(capacity: table.capacity)
          homes -= 1
        }
      }
    }
    return cursor.number
  }

  private func firstWanted(
    atHome home: Int, in table: StripeTable, _ isWanted: (UnsafeRawBufferPointer) -> Bool
  ) -> EntryID? {
    var found: EntryID?
    table.forEach(atHome: home) { id in
      guard found == nil else { return }
      if let key = vault.entries.shortKey(of: id) {
        if isWanted(key) { found = id }
      } else {
        let length = vault.entries.copyKey(of: id, into: scratch)
        if isWanted(UnsafeRawBufferPointer(rebasing: scratch[..<length])) { found = id }
      }
    }
    return found
  }

  /// Everything is removed, also from devices that are not known yet: before the first step of that.
  package func noteRemovalOfAll() { vault.disk?.noteChangeOfAll() }

  /// Whether all is known that devices hold: what is not cannot be looked through.
  package var knowsAllDevices: Bool { vault.disk?.knowsAll ?? true }
}

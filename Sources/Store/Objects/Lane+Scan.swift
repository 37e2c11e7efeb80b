import Base

extension Lane {
  /// DBSIZE: an object that has both halves counts two.
  package func nameCount() -> Int { vault.ledger.withLock { $0.names } }

  /// SCAN. Shows names from where `cursor` stands and returns the cursor to go on with; 0 begins and ends.
  /// Stops after about `count` names or `bytesMax` bytes of them, exceeding either by a few names at most, and after
  /// a bounded walk, so that one call may show nothing. Every name that is there during the whole scan is shown at
  /// least once, tables growing or not. A cursor that no call gave out ends the scan.
  /// The names shown are only valid within `visit`, and a stripe is locked meanwhile: copy and return, no I/O.
  package func scan(
    from cursor: UInt64, count: Int, bytesMax: Int, now: UInt64, _ visit: (RawSpan) -> Void
  ) -> UInt64 {
    guard var cursor = ScanCursor(cursor) else { return 0 }
    var budget = ScanBudget(names: count, bytes: bytesMax, homes: Limits.scanHomesMax)
    while !cursor.isAtEnd, !budget.isSpent {
      scanPart(&cursor, &budget, now: now, visit)
    }
    return cursor.number
  }

  private func scanPart(
    _ cursor: inout ScanCursor, _ budget: inout ScanBudget, now: UInt64, _ visit: (RawSpan) -> Void
  ) {
    let stripe = cursor.stripe
    vault.index.withStripe(stripe) { table in
      for _ in 0..<Limits.homesPerLock where cursor.stripe == stripe && !budget.isSpent {
        table.forEach(atHome: cursor.home(capacity: table.capacity)) { id in
          guard !table[id].pointee.hasExpired(at: now) else { return }
          showNames(of: id, table[id].pointee.kind, &budget, visit)
        }
        cursor.advance(capacity: table.capacity)
        budget.homes -= 1
      }
    }
  }

  private func showNames(
    of id: EntryID, _ kind: EntryKind, _ budget: inout ScanBudget, _ visit: (RawSpan) -> Void
  ) {
    func show(_ part: ObjectName.Part) {
      let length = ObjectName.spell(part, vault.entries[id].pointee.style, into: nameRoom) {
        vault.entries.copyKey(of: id, into: $0)
      }
      budget.names -= 1
      budget.bytes -= length
      visit(UnsafeRawBufferPointer(rebasing: nameRoom[..<length]).bytes)
    }
    switch kind {
    case .whole: show(.whole)
    case .bytesAlone: show(.bytes)
    case .oddMetadata: show(.metadata)
    case .metadataAlone: break
    case .object:
      show(.bytes)
      show(.metadata)
    }
  }
}

/// What one call may still show, and how far it may still look.
private struct ScanBudget {
  var names: Int
  var bytes: Int
  var homes: Int

  var isSpent: Bool { names <= 0 || bytes <= 0 || homes <= 0 }
}

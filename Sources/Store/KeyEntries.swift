import Base

/// The entries of one key by their kinds, one of each at most; 0 is none.
struct KeyEntries {
  private var ids = InlineArray<8, EntryID>(repeating: 0)

  subscript(kind: ValueKind) -> EntryID {
    get { ids[Int(kind.rawValue)] }
    set { ids[Int(kind.rawValue)] = newValue }
  }

  /// What one generation or another of `lm` finds under the key: the two are never there together.
  var ofLM: EntryID { self[.plain] != 0 ? self[.plain] : self[.withMeta] }

  /// The first of these.
  func first(of kinds: KindSet) -> EntryID {
    var found: EntryID = 0
    forEach(of: kinds) { if found == 0 { found = $0 } }
    return found
  }

  @inline(__always)
  func forEach(of kinds: KindSet, _ visit: (EntryID) -> Void) {
    // Not a for loop: in a debug build each of its steps may allocate.
    var number = 0
    while number < ValueKind.count {
      let kind = ValueKind(rawValue: UInt8(number))
      if self[kind] != 0, kinds.contains(kind) { visit(self[kind]) }
      number += 1
    }
  }

  /// What clients were told of these: of several, what holds longest.
  func promise(of kinds: KindSet, in table: StripeTable) -> Promise {
    var longest = Promise()
    var number = 0
    while number < ValueKind.count {
      let kind = ValueKind(rawValue: UInt8(number))
      number += 1
      guard self[kind] != 0, kinds.contains(kind) else { continue }
      let promise = table[self[kind]].pointee.promise
      // What holds comes before what was settled.
      let isHeld = promise.firstAsked != 0
      if isHeld == (longest.firstAsked != 0) ? promise.through > longest.through : isHeld { longest = promise }
    }
    return longest
  }
}

extension Lane {
  /// Those of one key that are still there; what has expired goes now. Under the stripe's lock.
  func entries(_ hash: UInt64, now: UInt64, in table: inout StripeTable, where isIt: (EntryID) -> Bool) -> KeyEntries {
    var entries = KeyEntries()
    var hasExpired = false
    table.forEachMatch(hash) { id in
      guard vault.entries[id].pointee.hash == hash, isIt(id) else { return }
      entries[table[id].pointee.kind] = id
      hasExpired = hasExpired || table[id].pointee.hasExpired(at: now)
    }
    if hasExpired { removeExpired(&entries, hash, now: now, in: &table) }
    return entries
  }

  /// Those of the key of `id`.
  func entries(of id: EntryID, _ hash: UInt64, now: UInt64, in table: inout StripeTable) -> KeyEntries {
    entries(hash, now: now, in: &table) { vault.entries.haveSameKey($0, id) }
  }

  private func removeExpired(_ entries: inout KeyEntries, _ hash: UInt64, now: UInt64, in table: inout StripeTable) {
    for number in 0..<ValueKind.count {
      let kind = ValueKind(rawValue: UInt8(number))
      guard entries[kind] != 0, table[entries[kind]].pointee.hasExpired(at: now) else { continue }
      removeEntry(entries[kind], hash, .expired, in: &table)
      entries[kind] = 0
      counters.expired.add()
    }
  }
}

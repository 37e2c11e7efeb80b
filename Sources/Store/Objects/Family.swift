import Base

/// The entries of one key; 0 is none. At most one whole, one object or part of one, and one odd value a style.
struct Family {
  var whole: EntryID = 0
  var object: EntryID = 0
  var odd = InlineArray<3, EntryID>(repeating: 0)

  mutating func add(_ id: EntryID, _ role: Role) {
    switch role.kind {
    case .whole: whole = id
    case .object, .bytesAlone, .metadataAlone: object = id
    case .oddMetadata: odd[Int(role.style.rawValue)] = id
    }
  }

  mutating func remove(_ id: EntryID) {
    if whole == id { whole = 0 }
    if object == id { object = 0 }
    for index in odd.indices where odd[index] == id { odd[index] = 0 }
  }

  /// What one generation or another of `lm` finds under the key: a plain value and an object are never there together.
  func complete(in table: StripeTable) -> EntryID? {
    if whole != 0 { return whole }
    return object != 0 && table[object].pointee.kind == .object ? object : nil
  }

  /// Metadata that waits for its bytes.
  func waiting(in table: StripeTable) -> EntryID? {
    object != 0 && table[object].pointee.kind == .metadataAlone ? object : nil
  }

  // MARK: A newcomer

  /// The entry that has the newcomer's name.
  func predecessor(of newcomer: Role) -> EntryID {
    switch newcomer.kind {
    case .whole: whole
    case .object, .bytesAlone, .metadataAlone: object
    case .oddMetadata: odd[Int(newcomer.style.rawValue)]
    }
  }

  /// The others that the newcomer takes the place of: the last to be stored is what a key means.
  func displaced(by newcomer: Role, in table: StripeTable) -> InlineArray<4, EntryID> {
    switch newcomer.kind {
    case .object: return [whole, odd[0], odd[1], odd[2]]
    case .bytesAlone: return [0, 0, 0, 0]
    case .metadataAlone: return [odd[Int(newcomer.style.rawValue)], 0, 0, 0]
    case .whole: return [object != 0 && table[object].pointee.kind == .object ? object : 0, 0, 0, 0]
    case .oddMetadata: return [object != 0 && table[object].pointee.kind == .metadataAlone ? object : 0, 0, 0, 0]
    }
  }

  /// What clients were told of those that the newcomer takes the place of: of several, what holds longest.
  func promise(endedBy newcomer: Role, in table: StripeTable) -> Promise {
    var promise = Self.promise(of: predecessor(of: newcomer), in: table)
    let displaced = displaced(by: newcomer, in: table)
    for index in displaced.indices {
      let other = Self.promise(of: displaced[index], in: table)
      // What holds comes before what was settled.
      let isHeld = other.firstAsked != 0
      if isHeld == (promise.firstAsked != 0) ? other.through > promise.through : isHeld { promise = other }
    }
    return promise
  }

  private static func promise(of id: EntryID, in table: StripeTable) -> Promise {
    id == 0 ? Promise() : table[id].pointee.promise
  }
}

extension Lane {
  /// Those of one key that are still there; what has expired goes now. Under the stripe's lock.
  func family(_ hash: UInt64, now: UInt64, in table: inout StripeTable, where isIt: (EntryID) -> Bool) -> Family {
    var family = Family()
    var hasExpired = false
    table.forEachMatch(hash) { id in
      guard vault.entries[id].pointee.hash == hash, isIt(id) else { return }
      family.add(id, vault.role(of: id, in: table))
      hasExpired = hasExpired || table[id].pointee.hasExpired(at: now)
    }
    if hasExpired { removeExpired(&family, hash, now: now, in: &table) }
    return family
  }

  /// Those of the key of `id`.
  func family(of id: EntryID, _ hash: UInt64, now: UInt64, in table: inout StripeTable) -> Family {
    family(hash, now: now, in: &table) { vault.entries.haveSameKey($0, id) }
  }

  private func removeExpired(_ family: inout Family, _ hash: UInt64, now: UInt64, in table: inout StripeTable) {
    let all: InlineArray<5, EntryID> = [family.whole, family.object, family.odd[0], family.odd[1], family.odd[2]]
    for index in all.indices where all[index] != 0 && table[all[index]].pointee.hasExpired(at: now) {
      family.remove(all[index])
      removeEntry(all[index], hash, .expired, in: &table)
      counters.expired.add()
    }
  }
}

import Base
import Policy

/// Entries in a row, by the links in their records: nothing is allocated. Each is in one row at most.
struct EntryList: Sendable {
  private(set) var newest: EntryID = 0
  private(set) var oldest: EntryID = 0
  private(set) var count = 0

  mutating func append(_ id: EntryID, in parts: LedgerParts) { insert(id, between: 0, and: newest, in: parts) }

  /// Older than all others.
  mutating func prepend(_ id: EntryID, in parts: LedgerParts) { insert(id, between: oldest, and: 0, in: parts) }

  /// Just older than `predecessor`, which is in this row.
  mutating func insert(_ id: EntryID, behind predecessor: EntryID, in parts: LedgerParts) {
    insert(id, between: predecessor, and: parts[predecessor].pointee.older, in: parts)
  }

  private mutating func insert(_ id: EntryID, between newer: EntryID, and older: EntryID, in parts: LedgerParts) {
    parts[id].pointee.newer = newer
    parts[id].pointee.older = older
    if newer != 0 { parts[newer].pointee.older = id } else { newest = id }
    if older != 0 { parts[older].pointee.newer = id } else { oldest = id }
    count += 1
  }

  mutating func remove(_ id: EntryID, in parts: LedgerParts) {
    let (newer, older) = (parts[id].pointee.newer, parts[id].pointee.older)
    if newer != 0 { parts[newer].pointee.older = older } else { newest = older }
    if older != 0 { parts[older].pointee.newer = newer } else { oldest = newer }
    count -= 1
  }

  /// For checks.
  func forEachOldestFirst(in parts: LedgerParts, _ visit: (EntryID) -> Void) {
    var id = oldest
    while id != 0 {
      visit(id)
      id = parts[id].pointee.newer
    }
  }
}

/// In which order values go when room is needed, by the store's policy. Called under the ledger's lock.
/// Kept entries are a class of their own: they go when no ordinary one can.
struct EvictionOrder: Sendable {
  private let parts: LedgerParts
  /// The least recently used first; with a policy that learns, for when all that it would choose has to stay.
  private var ordinary = EntryList()
  private var kept = EntryList()
  private var returns: ReturnOrder?

  init(_ parts: LedgerParts, policy: EvictionPolicy) {
    self.parts = parts
    if policy == .returns { returns = ReturnOrder(nodes: parts.nodes, sparedShare: Limits.freshShare) }
  }

  /// How many entries of the class are ordered.
  func count(kept isKept: Bool) -> Int { isKept ? kept.count : ordinary.count }

  /// The entry that a policy that learns would lose first, if it has an opinion. It spares by itself what was just used.
  mutating func choice() -> EntryID? { returns?.victim(oldest: ordinary.oldest) }

  /// The entry of the class to lose first by its last use.
  func oldest(kept isKept: Bool) -> EntryID? {
    let oldest = isKept ? kept.oldest : ordinary.oldest
    return oldest == 0 ? nil : oldest
  }

  /// Takes an entry in, or moves one that is ordered: to the recent end, or just older than the one that was touched before it
  /// in the same walk, if that is ordered.
  mutating func touch(_ id: EntryID, after predecessor: EntryID?) {
    if parts[id].pointee.place == .ordered { remove(id) }
    parts[id].pointee.place = .ordered
    let parts = parts
    let isKept = parts.fixed(id).pointee.isKept
    update(kept: isKept) { list in
      if let predecessor, predecessor != id, parts[predecessor].pointee.place == .ordered,
        parts.fixed(predecessor).pointee.isKept == isKept
      {
        list.insert(id, behind: predecessor, in: parts)
      } else {
        list.append(id, in: parts)
      }
    }
  }

  /// Takes an entry in again whose turn had come: it is the oldest.
  mutating func readmit(_ id: EntryID) {
    parts[id].pointee.place = .ordered
    let parts = parts
    update(kept: parts.fixed(id).pointee.isKept) { $0.prepend(id, in: parts) }
    restore(id)
  }

  mutating func remove(_ id: EntryID) {
    precondition(parts[id].pointee.place == .ordered, "an entry leaves the order once")
    let parts = parts
    update(kept: parts.fixed(id).pointee.isKept) { $0.remove(id, in: parts) }
    parts[id].pointee.place = .none
  }

  private mutating func update(kept isKept: Bool, _ change: (inout EntryList) -> Void) {
    if isKept { change(&kept) } else { change(&ordinary) }
  }

  /// Of ordinary ones, while `visit` wants more.
  func forEachNewestFirst(_ visit: (EntryID) -> Bool) {
    var id = ordinary.newest
    while id != 0, visit(id) {
      id = parts[id].pointee.older
    }
  }

  /// From the first to go to the last by their use, for checks.
  func forEachOldestFirst(_ visit: (EntryID) -> Void) {
    ordinary.forEachOldestFirst(in: parts, visit)
    kept.forEachOldestFirst(in: parts, visit)
  }
}

extension StoreConfiguration {
  /// What a value takes beside its record.
  var bytesPerValue: Int {
    policy.bytesPerValue + (disk == nil ? 0 : DiskParts.bytesEach) + (quotas.isEmpty ? 0 : QuotaBooks.bytesEach)
  }
}

/// What a policy takes beside records.
extension EvictionPolicy {
  var bytesPerValue: Int { self == .returns ? ReturnOrder.bytesPerChunk : 0 }
  var tableBytes: Int { self == .returns ? ReturnOrder.tableBytes : 0 }
}

/// What a policy that learns is told besides. The others learn nothing; of kept entries there is nothing to learn.
extension EvictionOrder {
  var learns: Bool { returns != nil }

  private func learns(of id: EntryID) -> Bool { returns != nil && !parts.fixed(id).pointee.isKept }

  mutating func noteTime(_ now: UInt64) { returns?.note(tenths: Entry.tenths(now)) }

  mutating func enter(_ touch: Touch, bytes: Int) {
    guard learns(of: touch.entry.id) else { return }
    let old = touch.replaced != 0 && learns(of: touch.replaced) ? touch.replaced : 0
    returns?.enter(
      touch.entry.id, insteadOf: old, units: bytes / Limits.unitBytes, stream: touch.stream, at: touch.at)
  }

  /// Its bytes are on a device alone.
  mutating func stepAside(_ id: EntryID) {
    if learns(of: id) { returns?.stepAside(id) }
  }

  mutating func leaveAway(_ id: EntryID) {
    if learns(of: id) { returns?.leaveAway(id) }
  }

  /// Its bytes are back from a device.
  mutating func comeBack(_ id: EntryID, bytes: Int) {
    if learns(of: id) { returns?.comeBack(id, units: bytes / Limits.unitBytes) }
  }

  func hasComeBack(_ id: EntryID) -> Bool { learns(of: id) && returns?.hasComeBack(id) == true }

  /// Of one that is gone, or on a device alone.
  mutating func noteEviction(_ id: EntryID, isGone: Bool) {
    if learns(of: id) { returns?.noteEviction(id, isGone: isGone) }
  }

  /// Of a policy that learns.
  var figures: PolicyFigures? { returns?.figures }

  mutating func use(_ touch: Touch) {
    if learns(of: touch.entry.id) {
      returns?.touch(touch.entry.id, touch.step, stream: touch.stream, at: touch.at)
    }
  }

  mutating func noteMiss(_ touch: Touch) {
    returns?.miss(touch.missed, stream: touch.stream, at: touch.at)
  }

  mutating func leave(_ id: EntryID) {
    if learns(of: id) { returns?.leave(id) }
  }

  mutating func setAside(_ id: EntryID) {
    if learns(of: id) { returns?.setAside(id) }
  }

  /// What was set aside may go again: not at once, but as the policy says.
  mutating func restore(_ id: EntryID) {
    if learns(of: id) { returns?.restore(id) }
  }

  /// What was seen, once it is enough to work out values anew.
  mutating func takeFindings() -> Returns? { returns?.isFitDue == true ? returns?.takeFindings() : nil }

  func knowledge(seed: UInt64) -> Knowledge? { returns?.knowledge(seed: seed) }

  mutating func adopt(_ knowledge: Knowledge, seed: UInt64) { returns?.adopt(knowledge, seed: seed) }

  mutating func adopt(_ table: ValueTable) { returns?.adopt(table) }
}

import Base

/// How many victims in a row could not go. When that is all of them, looking on is useless until something changes.
struct BarrenLooks: Sendable {
  var second: UInt32 = 0
  var ordinary = 0
  var kept = 0
}

/// An entry that may go, as the ledger knows it: whoever evicts it checks again under the stripe's lock.
struct Candidate: Sendable {
  var ref: EntryRef
  var hash: UInt64
}

extension Ledger {
  /// The entry to go next, or nil when all were looked at in this second and none could.
  mutating func victim(at second: UInt32) -> Candidate? {
    if barren.second != second { barren = BarrenLooks(second: second) }
    let mayBeOrdinary = barren.ordinary < order.count(kept: false)
    guard mayBeOrdinary || barren.kept < order.count(kept: true) else { return nil }
    guard let id = order.victim(kept: !mayBeOrdinary) else { return nil }
    return Candidate(
      ref: EntryRef(id: id, generation: entries[id].pointee.generation), hash: entries[id].pointee.hash)
  }

  /// A leased or pinned victim gets a second chance at the recent end; one after the other they keep their order.
  mutating func spare(_ id: EntryID) {
    order.spare(id)
    if entries[id].pointee.isKept { barren.kept += 1 } else { barren.ordinary += 1 }
  }

  /// Out of the order and the books; its bytes stay until `free`.
  mutating func unlist(_ id: EntryID) {
    order.remove(id)
    objects -= 1
    names -= entries[id].pointee.kind.nameCount
    keyBytes -= Int(entries[id].pointee.keyLength)
  }

  /// Gives everything back. Nobody can reach the entry any more.
  mutating func free(_ id: EntryID) {
    releaseStorage(of: id)
    records.releaseAnnex(entries[id].pointee.keyAnnex)
    records.releaseAnnex(entries[id].pointee.metadataAnnex)
    records.release(id)
  }

  mutating func releaseStorage(of id: EntryID) {
    let entry = entries[id]
    if entry.pointee.pageCount > 0 {
      pages.release(head: entry.pointee.head, count: Int(entry.pointee.pageCount))
      entry.pointee.pageCount = 0
    }
    if entry.pointee.fragment.units > 0 {
      let page = entry.pointee.fragment.page
      if fragments.release(entry.pointee.fragment) { pages.release(page) }
      entry.pointee.fragment.units = 0
    }
  }
}

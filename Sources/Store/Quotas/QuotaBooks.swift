import Base

/// What the quotas hold, and in which order each loses it: the least recently used first, what was used in one walk from its
/// end, as in the order of all. Under the ledger's lock. A store without quotas has none of it.
struct QuotaBooks: @unchecked Sendable {
  private struct Link {
    var newer: EntryID
    var older: EntryID
  }

  private struct Row {
    let bytesMax: Int
    var bytes = 0
    var chunks = 0
    var evicted: UInt64 = 0
    var dropped: UInt64 = 0
    var newest: EntryID = 0
    var oldest: EntryID = 0
  }

  static let bytesEach = MemoryLayout<Link>.stride

  private let mapping: Mapping
  private let parts: LedgerParts
  private let names: [String]
  private let rows: UnsafeMutablePointer<Row>

  init(_ quotas: [Quota], capacity: Int, _ parts: LedgerParts) throws(StoreFailure) {
    mapping = try Mapping(byteCount: capacity * Self.bytesEach)
    self.parts = parts
    names = quotas.map(\.name)
    rows = .allocate(capacity: quotas.count)
    for (index, quota) in quotas.enumerated() { (rows + index).initialize(to: Row(bytesMax: quota.bytes)) }
  }

  func deallocate() { rows.deallocate() }

  var figures: [QuotaFigures] {
    names.enumerated().map { index, name in
      let row = rows[index]
      return QuotaFigures(
        name: name, bytesMax: row.bytesMax, bytes: row.bytes, chunks: row.chunks, evicted: row.evicted,
        dropped: row.dropped)
    }
  }

  /// 0 for none.
  private func number(of id: EntryID) -> Int { Int(parts.fixed(id).pointee.quota) }

  private func link(_ id: EntryID) -> UnsafeMutablePointer<Link> {
    (mapping.base + Int(id) * Self.bytesEach).assumingMemoryBound(to: Link.self)
  }

  // MARK: Bytes

  func hasRoom(for bytes: Int, inQuotaOf id: EntryID) -> Bool {
    let number = number(of: id)
    guard number > 0 else { return true }
    return rows[number - 1].bytes + bytes <= rows[number - 1].bytesMax
  }

  /// Whether it ever could.
  func mayHold(_ bytes: Int, inQuotaOf id: EntryID) -> Bool {
    let number = number(of: id)
    return number == 0 || bytes <= rows[number - 1].bytesMax
  }

  mutating func add(_ bytes: Int, toQuotaOf id: EntryID) {
    let number = number(of: id)
    if number > 0 { rows[number - 1].bytes += bytes }
  }

  mutating func noteDrop(_ number: UInt8) { rows[Int(number) - 1].dropped += 1 }

  mutating func noteEviction(of id: EntryID) {
    let number = number(of: id)
    if number > 0 { rows[number - 1].evicted += 1 }
  }

  // MARK: Order

  func oldest(_ number: UInt8) -> EntryID? {
    let oldest = rows[Int(number) - 1].oldest
    return oldest == 0 ? nil : oldest
  }

  func count(_ number: UInt8) -> Int { rows[Int(number) - 1].chunks }

  /// A value in memory. `predecessor` is one that was used before it in the same walk, and is in memory; 0 is none.
  mutating func enter(_ id: EntryID, after predecessor: EntryID) {
    let number = number(of: id)
    guard number > 0 else { return }
    let isBehind = predecessor != 0 && predecessor != id && self.number(of: predecessor) == number
    let newer = isBehind ? predecessor : 0
    let older = isBehind ? link(predecessor).pointee.older : rows[number - 1].newest
    link(id).pointee = Link(newer: newer, older: older)
    if newer != 0 { link(newer).pointee.older = id } else { rows[number - 1].newest = id }
    if older != 0 { link(older).pointee.newer = id } else { rows[number - 1].oldest = id }
    rows[number - 1].chunks += 1
  }

  mutating func leave(_ id: EntryID) {
    let number = number(of: id)
    guard number > 0 else { return }
    let (newer, older) = (link(id).pointee.newer, link(id).pointee.older)
    if newer != 0 { link(newer).pointee.older = older } else { rows[number - 1].newest = older }
    if older != 0 { link(older).pointee.newer = newer } else { rows[number - 1].oldest = newer }
    rows[number - 1].chunks -= 1
  }

  mutating func use(_ id: EntryID, after predecessor: EntryID) {
    guard number(of: id) > 0 else { return }
    leave(id)
    enter(id, after: predecessor)
  }

  /// For checks.
  func forEachOldestFirst(_ number: Int, _ visit: (EntryID) -> Void) {
    var id = rows[number - 1].oldest
    while id != 0 {
      visit(id)
      id = link(id).pointee.newer
    }
  }
}

extension Ledger {
  /// Why a body gets no such bytes of its quota. The whole value is known: one that could never fit takes nothing.
  func quotaRefusal(_ id: EntryID, _ bytes: Int, of whole: Footprint) -> Growth? {
    let quota = entries[id].pointee.quota
    guard quota != 0 else { return nil }
    if quotas?.mayHold(whole.bytes, inQuotaOf: id) == false { return .overQuota(quota, isForGood: true) }
    return quotas?.hasRoom(for: bytes, inQuotaOf: id) == false ? .overQuota(quota, isForGood: false) : nil
  }

  /// The coldest value of a quota; whether it can go shows under its stripe's lock.
  func victim(ofQuota number: UInt8) -> Candidate? {
    guard let id = quotas?.oldest(number) else { return nil }
    return Candidate(
      ref: EntryRef(id: id, generation: entries[id].pointee.generation), hash: entries[id].pointee.hash,
      isInTurn: false, mayBeFresh: true, isChoice: order.learns, isOfQuota: true)
  }

  /// A value that cannot go now, being read or promised, is in use: its turn comes last.
  mutating func passOver(_ ref: EntryRef) {
    if isListed(ref) { quotas?.use(ref.id, after: 0) }
  }
}

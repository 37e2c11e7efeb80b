import Base

/// The books: who holds which page, how much of the budget is spent, in which order values go.
/// Everything here happens under one lock, taken per slice, publish and eviction, never per lookup.
struct Ledger: Sendable {
  let entries: EntryTable
  private let parts: LedgerParts
  private(set) var budgetBytes: Int
  /// Tables whose size nothing changes.
  private let constantBytes: Int
  /// How many pages the other fixed tables are booked for.
  private var tablePages: Int
  var pages: PagePool
  var fragments: FragmentPool
  var records: EntryPool
  var order: EvictionOrder
  /// Out of the order for a while: promised or read, just stored or fetched, and to be written by a device before.
  var held: WaitingWheel
  var fresh: WaitingWheel
  var unwritten: WaitingWheel
  var bodies: BodyQueue
  /// Nil where there are none.
  var quotas: QuotaBooks?
  var indexBytes = Index.bytesAtStart
  private(set) var chargedBytes = 0
  /// Discharged since the heap was last trimmed: its holders freed it, the allocator may still have it.
  var untrimmedBytes = 0
  private(set) var usedBytesHighWater = 0
  /// In use when the budget last changed: beyond a smaller one there is never more than this.
  private(set) var usedBytesAtResize = 0
  /// The least that was in use since then, as far as was looked: what is promised or read goes later than the budget.
  private var usedBytesLeast = 0
  var objects = 0
  /// Of those, what only devices have.
  var away = 0
  /// The same by kind.
  var counts = InlineArray<8, Int>(repeating: 0)
  var keyBytes = 0
  /// The latest time any caller told.
  private(set) var latestNow: UInt64 = 0
  /// What is out of the index and still read.
  var deadBytes = 0
  /// What eviction met that is read, in this second and in the one before it.
  var pinsMet = (second: UInt32(0), bytes: 0, bytesBefore: 0)
  /// Whose the values are.
  var usage: UsageBooks

  var usedBytes: Int { pages.inUse * Limits.pageBytes + nonPageBytes }
  private var nonPageBytes: Int { records.bytes + indexBytes + chargedBytes + fixedBytes }
  var fixedBytes: Int { constantBytes + Self.pageTableBytes(pageCount: tablePages) }
  var isOverBudget: Bool { usedBytes > budgetBytes }
  /// No more than connections may take while nothing can be evicted for them. What a smaller budget has to wait for is
  /// nothing that they took: they would all be cut off for it, probes among them.
  var isBarelyOverdrawn: Bool {
    let most = max(budgetBytes, usedBytesLeast)
    return usedBytes <= most + max(Limits.overdraftBytesMin, budgetBytes / Limits.overdraftShare)
  }

  init(
    configuration: StoreConfiguration, entries: EntryTable, parts: LedgerParts, links: PageLinks, marks: BlockMarks,
    usage: UsageCounters
  ) throws(StoreFailure) {
    self.entries = entries
    self.parts = parts
    budgetBytes = configuration.budgetBytes
    let pageCount = budgetBytes / Limits.pageBytes
    let reachPages = configuration.reachBytes / Limits.pageBytes
    let blocks = try BlockTable(pageCount: reachPages)
    pages = PagePool(links: links, marks: marks, blocks: blocks, capacity: pageCount)
    pages.reusesLent = configuration.hasPlanted(.reuseLent)
    fragments = try FragmentPool(pageCount: reachPages)
    order = EvictionOrder(parts, policy: configuration.policy)
    records = EntryPool(parts, capacity: entries.capacity, besideBytes: configuration.bytesPerValue)
    held = WaitingWheel(parts, rows: Limits.heldBuckets) { .held($0) }
    fresh = WaitingWheel(parts, rows: Limits.freshBuckets) { .fresh($0) }
    unwritten = WaitingWheel(parts, rows: Limits.unwrittenBuckets) { .unwritten($0) }
    bodies = BodyQueue(capacity: configuration.clientsMax)
    self.usage = UsageBooks(usage)
    if !configuration.quotas.isEmpty {
      quotas = try QuotaBooks(configuration.quotas, capacity: entries.capacity, parts)
    }
    constantBytes = Self.constantBytes(configuration)
    tablePages = pageCount
  }

  static func fixedBytes(_ configuration: StoreConfiguration, pageCount: Int) -> Int {
    constantBytes(configuration) + pageTableBytes(pageCount: pageCount)
  }

  private static func constantBytes(_ configuration: StoreConfiguration) -> Int {
    BodyQueue.bytes(capacity: configuration.clientsMax) + Promises.tableBytes + configuration.policy.tableBytes
      + configuration.laneCount * (Limits.touchesPerLane * MemoryLayout<Touch>.stride + Limits.scratchBytes)
      + UsageCounters.bytes(laneCount: configuration.laneCount) + UsageBooks.bytes
      + DepartedKeys.bytes(budgetBytes: configuration.budgetBytes) + configuration.besideBytes
  }

  private static func pageTableBytes(pageCount: Int) -> Int {
    PageLinks.bytes(pageCount: pageCount) + FragmentPool.bytes(pageCount: pageCount)
      + BlockTable.bytes(pageCount: pageCount)
  }

  /// Another budget, in force at once for all who ask for room; what is beyond it has to go afterwards.
  /// It is what was wanted, unless tables that never shrink need more or the addresses do not reach so far.
  mutating func resize(to wanted: Int, reachBytes: Int) {
    let tables = constantBytes + Self.pageTableBytes(pageCount: pages.populated) + records.bytes + indexBytes
    budgetBytes = min(max(wanted, tables + Limits.storeBytesMin / 2), reachBytes)
    let pageCount = budgetBytes / Limits.pageBytes
    // Pages beyond a smaller budget may be in use, and their places in the tables with them.
    tablePages = max(pageCount, pages.populated)
    pages.resize(capacity: pageCount)
    (usedBytesAtResize, usedBytesLeast) = (usedBytes, usedBytes)
    noteUse()
  }

  /// As chunks go for a smaller budget, connections have less to take.
  mutating func noteLeastUse() { usedBytesLeast = min(usedBytesLeast, usedBytes) }

  func hasRoom(for bytes: Int) -> Bool { usedBytes + bytes <= budgetBytes }

  mutating func charge(_ bytes: Int) {
    chargedBytes += bytes
    noteUse()
  }

  mutating func discharge(_ bytes: Int) {
    unbook(bytes)
    untrimmedBytes += bytes
  }

  /// Takes back what was charged for memory that was never taken: the allocator has nothing of it to give back.
  mutating func unbook(_ bytes: Int) {
    precondition(bytes <= chargedBytes, "only what was charged")
    chargedBytes -= bytes
  }

  /// Books a larger index table, or says that something must go first.
  mutating func bookIndexGrowth(_ bytes: Int) -> Bool {
    guard hasRoom(for: bytes) else { return false }
    indexBytes += bytes
    noteUse()
    return true
  }

  mutating func noteUse() { usedBytesHighWater = max(usedBytesHighWater, usedBytes) }

  mutating func noteTime(_ now: UInt64) {
    latestNow = max(latestNow, now)
    order.noteTime(latestNow)
  }

  // MARK: Population

  /// Nothing is populated beyond what the budget leaves beside everything else. When that grows later, less than
  /// `Limits.withdrawBytesMin` may stay beyond it.
  func populationStep() -> Range<Int>? {
    pages.populationStep(pagesMax: pagesMax)
  }

  private var pagesMax: Int { max(0, budgetBytes - nonPageBytes) / Limits.pageBytes }

  /// Absent pages that may be populated again.
  var returnStep: Range<Int>? { pages.returnStep(pagesMax: pagesMax) }

  /// Whether a body does better to wait for the helper than to evict. A stale block is worth it also while the system
  /// refuses memory: what goes meanwhile may well have been lent too.
  var canPopulate: Bool { populationStep() != nil || returnStep != nil || pages.staleCount > 0 }

  /// What is populated beyond the budget because something else has grown since, as far as it holds nothing.
  var excessPages: Int { max(0, min(pages.resident - pagesMax, pages.idle)) }

  var isWorthWithdrawing: Bool { excessPages * Limits.pageBytes >= Limits.withdrawBytesMin }

  /// What the ledger's lock guards of an entry.
  @inline(__always)
  subscript(id: EntryID) -> UnsafeMutablePointer<Entry.LedgerPart> { parts[id] }

  /// Where its bytes lie; changes while nothing reads it.
  @inline(__always)
  func storage(of id: EntryID) -> UnsafeMutablePointer<Entry.Storage> { parts.storage(of: id) }

  /// Of an entry that is about to be published.
  func setMarks(of id: EntryID, _ marks: UsageMarks) { parts.setMarks(of: id, marks) }

  /// Of an annotation that is about to be published.
  func setLength(of id: EntryID, _ length: UInt32) { parts.setLength(of: id, length) }

  // MARK: Order

  mutating func apply(_ touch: Touch) {
    if touch.missed != 0 { return order.noteMiss(touch) }
    guard isListed(touch.entry) else { return }
    list(touch.entry.id, after: touch.isWithinWalk ? touch.predecessor : .none)
    order.use(touch)
    let predecessor = walked(touch)
    quotas?.use(touch.entry.id, after: predecessor)
  }

  /// A published entry, as its client stored it.
  mutating func enter(_ touch: Touch) {
    list(touch.entry.id, after: touch.isWithinWalk ? touch.predecessor : .none)
    order.enter(touch, bytes: entries.storage(of: touch.entry.id).pointee.bytes)
    let predecessor = walked(touch)
    quotas?.enter(touch.entry.id, after: predecessor)
  }

  /// Takes an entry into the order, or moves it there from wherever it waits.
  mutating func list(_ id: EntryID, after predecessor: EntryRef) {
    let place = self[id].pointee.place
    if place != .ordered { leaveList(id) }
    order.touch(id, after: isOrdered(predecessor) ? predecessor.id : nil)
    if place != .ordered, place != .none { order.restore(id) }
  }

  /// A device has written it, or will not: where eviction had met it before, it is the first to go.
  mutating func resumeTurn(of id: EntryID) {
    let place = self[id].pointee.place
    guard place.unwrittenRow != nil || place.heldRow != nil else { return }
    leaveList(id)
    order.readmit(id)
  }

  /// Out of the list that it is in, if it is in one.
  mutating func leaveList(_ id: EntryID) {
    let place = self[id].pointee.place
    if place == .ordered {
      order.remove(id)
    } else if let row = place.heldRow {
      held.remove(id, from: row)
    } else if let row = place.freshRow {
      fresh.remove(id, from: row)
    } else if let row = place.unwrittenRow {
      unwritten.remove(id, from: row)
    }
  }

  /// What was used before it in the same walk, if that is in memory; 0 is none.
  private func walked(_ touch: Touch) -> EntryID {
    touch.isWithinWalk && isListed(touch.predecessor) ? touch.predecessor.id : 0
  }

  func isOrdered(_ ref: EntryRef) -> Bool { isCurrent(ref) && self[ref.id].pointee.place == .ordered }
  /// It is published, and in memory.
  func isListed(_ ref: EntryRef) -> Bool { isCurrent(ref) && self[ref.id].pointee.place != .none }

  private func isCurrent(_ ref: EntryRef) -> Bool {
    ref.id != 0 && entries[ref.id].pointee.generation == ref.generation
  }

  func deallocate() {
    bodies.deallocate()
    held.deallocate()
    fresh.deallocate()
    unwritten.deallocate()
    quotas?.deallocate()
  }

  func snapshot() -> StoreSnapshot {
    var snapshot = StoreSnapshot()
    snapshot.budgetBytes = budgetBytes
    snapshot.usedBytes = usedBytes
    snapshot.usedBytesHighWater = usedBytesHighWater
    snapshot.pageBytes = pages.inUse * Limits.pageBytes
    snapshot.recordBytes = records.bytes
    snapshot.indexBytes = indexBytes
    snapshot.chargedBytes = chargedBytes
    snapshot.fixedBytes = fixedBytes
    snapshot.inFlightBytes = bodies.heldBytes
    snapshot.inFlightBodies = bodies.count
    snapshot.objects = objects
    snapshot.away = away
    snapshot.recordBytesEach = records.bytesEach
    snapshot.keyBytes = keyBytes
    snapshot.populatedBytes = pages.resident * Limits.pageBytes
    return snapshot
  }
}

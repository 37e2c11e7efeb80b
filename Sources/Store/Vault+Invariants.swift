import Base

extension Vault {
  /// Counts everything again from the records and compares with the books. Nothing else may use the store meanwhile.
  func checkInvariants() {
    // A planted bug breaks the books on purpose; it is for the clients to notice.
    guard configuration.plantedBug == nil else { return }
    var census = Census(vault: self)
    // A copy: the stripes are locked one by one, and no lock of theirs may be taken under the ledger's.
    census.take(of: ledger.withLock { $0 })
    let indexed = countIndexed()
    let tableBytes = (0..<Limits.indexStripes).reduce(0) { bytes, stripe in
      bytes + index.withStripe(stripe) { StripeTable.bytes(capacity: $0.capacity) }
    }
    let pending = (0..<Limits.indexStripes).reduce(0) { sum, stripe in sum + index.withStripe(stripe) { $0.pending } }
    precondition(ledger.withLock { $0.bodies.count } == pending, "every body holds a slot, and nothing else does")
    precondition(ledger.withLock { $0.indexBytes } == tableBytes, "index tables add up")
    census.check(indexed: indexed)
    checkQuotas()
    promises.book.withLock { census.check($0) }
  }

  private func countIndexed() -> Int {
    var count = 0
    for stripe in 0..<Limits.indexStripes {
      index.withStripe(stripe) { table in
        table.forEach { id in
          let entry = entries[id]
          precondition(table[id].pointee.state == .published, "only published entries are in the index")
          precondition(Int(entry.pointee.hash >> 58) == stripe, "an entry is in the stripe of its hash")
          let key = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(entry.pointee.keyLength), alignment: 1)
          defer { key.deallocate() }
          entries.copyKey(of: id, into: key)
          precondition(hash(UnsafeRawBufferPointer(key)) == entry.pointee.hash, "the hash is the key's")
          let slot = table.find(entry.pointee.hash) {
            holds($0, entry.pointee.hash, UnsafeRawBufferPointer(key))
              && table[$0].pointee.kind == table[id].pointee.kind
          }
          precondition(slot.map { table.entry(at: $0) } == id, "an entry is found by its key and kind, and only it")
          count += 1
        }
      }
    }
    return count
  }
}

extension Vault {
  /// What the lock of its stripe guards of an entry, for checks.
  func stripePart(of id: EntryID) -> Entry.StripePart {
    index.withStripe(of: entries[id].pointee.hash) { $0[id].pointee }
  }
}

/// What the records say.
private struct Census {
  private let vault: Vault
  private var pageOwners: [UInt32]
  private var unitsTaken: [UInt16]
  private var published = 0
  private var away = 0
  private var counts = InlineArray<8, Int>(repeating: 0)
  private var keyBytes = 0
  private var annexes = 0
  private var annexesWanted = 0
  private var receivingBytes = 0
  private var receiving = 0
  private var ordered = 0
  private var listed = 0
  private var leased: [UInt32: Int] = [:]
  private var usage = UsageCensus()

  init(vault: Vault) {
    self.vault = vault
    pageOwners = Array(repeating: 0, count: vault.arena.pageCount)
    unitsTaken = Array(repeating: 0, count: vault.arena.pageCount)
  }

  mutating func take(of ledger: Ledger) {
    for id in 1..<EntryID(ledger.records.frontier) { count(id, vault.stripePart(of: id), of: ledger) }
    checkPages(of: ledger)
    checkOrder(of: ledger)
    var heldBytes = 0
    ledger.bodies.forEach { body in
      heldBytes += body.heldBytes
      precondition(body.heldBytes == vault.entries.storage(of: body.entry).pointee.bytes, "a body holds what it took")
    }
    precondition(heldBytes == ledger.bodies.heldBytes && heldBytes == receivingBytes, "bodies in flight add up")
    precondition(receiving == ledger.bodies.count, "every arriving entry has a body")
    precondition(published == ledger.objects && keyBytes == ledger.keyBytes, "objects and key bytes add up")
    for kind in counts.indices { precondition(counts[kind] == ledger.counts[kind], "each kind adds up") }
    precondition(away == ledger.away, "what only devices have adds up")
    usage.check(ledger.usage)
    precondition(annexes == ledger.records.annexCount, "annexes add up")
    precondition(annexes == annexesWanted, "every annex belongs to a record that needs it")
    let most = max(ledger.budgetBytes, ledger.usedBytesAtResize)
    precondition(ledger.usedBytes <= most || ledger.chargedBytes > 0, "the budget holds")
  }

  private mutating func count(_ id: EntryID, _ entry: Entry.StripePart, of ledger: Ledger) {
    guard entry.state != .free else { return }
    guard entry.state != .annex else {
      annexes += 1
      return
    }
    let (fixed, storage) = (vault.entries[id].pointee, vault.entries.storage(of: id).pointee)
    count(storage, owner: id)
    count(annexesOf: entry, keyLength: Int(fixed.keyLength), storage.keyAnnex, ledger)
    switch entry.state {
    case .free, .annex: break
    case .receiving:
      receiving += 1
      receivingBytes += storage.bytes
    case .published:
      published += 1
      counts[Int(entry.kind.rawValue)] += 1
      keyBytes += Int(fixed.keyLength)
      let isStored = entry.kind != .hidden
      let (disk, isAway, footprintBytes) = vault.index.withStripe(of: fixed.hash) {
        ($0.disk(id)?.pointee, vault.isAway(id, in: $0), vault.footprintBytes(of: id, in: $0))
      }
      if isStored {
        usage.count(
          vault.entries.marks(of: id).pointee, bytes: Int(fixed.length),
          isLeading: KeyHash.isOfFirstRank(fixed.hash), isAway: isAway)
      }
      let footprint = Footprint(length: isStored ? Int(fixed.length) : 0)
      precondition(disk?.isStaged != true || !isAway, "what is staged is in memory")
      precondition(isStored || entry.promise.through == 0, "what is hidden is not promised")
      if isAway {
        away += 1
        precondition(ledger[id].pointee.place == .none, "what is not in memory cannot be evicted")
      } else {
        precondition(storage.bytes == footprint.bytes, "a published value has all its pages")
      }
      let held = entry.promise.heldThrough(leaseSeconds: vault.promises.leaseSeconds)
      if held != 0 { leased[held, default: 0] += footprintBytes }
    case .dead: precondition(entry.pins > 0 && entry.promise.through == 0, "the dead are pinned")
    }
    if ledger[id].pointee.place != .none {
      ordered += 1
      precondition(entry.state == .published, "only published entries are listed")
    }
  }

  private mutating func count(_ storage: Entry.Storage, owner: EntryID) {
    var page = storage.head
    for _ in 0..<storage.pageCount {
      own(page, owner)
      page = vault.links.next(of: page)
    }
    precondition(storage.pageCount == 0 || page == PagePool.none, "a chain ends with its last page")
    guard storage.fragment.units > 0 else { return }
    let index = Int(storage.fragment.page)
    precondition(unitsTaken[index] & storage.fragment.mask == 0, "fragments do not overlap")
    unitsTaken[index] |= storage.fragment.mask
  }

  private mutating func count(
    annexesOf entry: Entry.StripePart, keyLength: Int, _ keyAnnex: EntryID, _ ledger: Ledger
  ) {
    annexesWanted += EntryTable.annexRecords(keyLength: keyLength)
    count(keyAnnex, EntryTable.annexRecords(keyLength: keyLength), ledger)
    guard entry.state == .published else {
      // An annotation that still arrives has its annex, and no length yet; the dead may have given theirs away.
      var annex = entry.annotationAnnex
      while annex != 0 {
        annexesWanted += 1
        annex = ledger[annex].pointee.older
      }
      return
    }
    let records = EntryTable.annexRecords(byteCount: entry.annotationBytes)
    annexesWanted += records
    count(entry.annotationAnnex, records, ledger)
    let isAnnotated = entry.kind == .withMeta || entry.kind == .hidden
    precondition((entry.annotationUnits > 0) == isAnnotated, "an annotation is where the kind says")
  }

  private func count(_ head: EntryID, _ expected: Int, _ ledger: Ledger) {
    var annex = head
    for _ in 0..<expected {
      precondition(annex != 0 && vault.stripePart(of: annex).state == .annex, "annexes follow each other")
      annex = ledger[annex].pointee.older
    }
    precondition(annex == 0, "no annex more than needed")
  }

  private mutating func own(_ page: PageID, _ owner: EntryID) {
    precondition(pageOwners[Int(page)] == 0, "a page has one owner")
    pageOwners[Int(page)] = owner
  }

  private mutating func checkPages(of ledger: Ledger) {
    let pages = ledger.pages
    let (idle, shared) = (EntryID.max, EntryID.max - 1)
    var (free, absent, stale, inUse) = (0, 0, 0, 0)
    var block = pages.stale.first
    while let current = block {
      for page in BlockTable.pages(of: current) { own(PageID(page), idle) }
      stale += Limits.pagesPerBlock
      block = pages.stale.next(of: current)
    }
    for index in 0..<vault.arena.pageCount {
      let page = PageID(index)
      let masks = pages.blocks[BlockTable.block(of: page)]
      let bit = BlockTable.bit(of: page)
      if (masks.free | masks.absent) & bit != 0 { own(page, idle) }
      free += masks.free & bit != 0 ? 1 : 0
      absent += masks.absent & bit != 0 ? 1 : 0
      if unitsTaken[index] != 0 {
        own(page, shared)
        precondition(ledger.fragments.occupied(page) == unitsTaken[index], "units and masks agree")
      }
      precondition((pageOwners[index] != 0) == (index < pages.populated), "populated pages have an owner, no others")
      if pageOwners[index] != 0, pageOwners[index] != idle { inUse += 1 }
    }
    precondition(inUse == pages.inUse, "pages in use add up")
    precondition(
      free == pages.freeCount && absent == pages.absentCount && stale == pages.staleCount, "idle pages add up")
    checkBlocks(of: pages)
  }

  private func checkBlocks(of pages: PagePool) {
    for block in 0..<BlockID(vault.arena.pageCount / Limits.pagesPerBlock) where pages.marks.isWhole(block) {
      let owner = pageOwners[Int(BlockTable.firstPage(of: block))]
      let isWhole = BlockTable.pages(of: block).allSatisfy { pageOwners[$0] == owner }
      precondition(isWhole && owner != 0 && owner < EntryID.max - 1, "a whole block belongs to one value")
    }
    let all = BlockTable.allPages
    let whole = count(in: pages.whole, of: pages) { block in
      precondition(block.free == all && block.absent == 0, "all pages of a whole block are free")
      return block.free
    }
    let broken = count(in: pages.broken, of: pages) { block in
      precondition(block.free != 0 && block.free != all, "some pages of a broken block are free")
      return block.free
    }
    let stale = count(in: pages.stale, of: pages) { block in
      precondition(block.free | block.absent == 0, "no page of a stale block is to be had")
      return all
    }
    let absent = count(in: pages.absent, of: pages) { block in
      precondition(block.absent != 0 && block.free & block.absent == 0, "absent pages are not free")
      return block.absent
    }
    precondition(whole + broken == pages.freeCount, "every free page is in a block on a list")
    precondition(stale == pages.staleCount, "every stale block is on its list")
    precondition(absent == pages.absentCount, "every absent page is in a block on its list")
  }

  /// The pages that the blocks of a list are on it for.
  private func count(in list: BlockList, of pages: PagePool, _ mask: (BlockTable.Block) -> UInt32) -> Int {
    var (sum, block, previous) = (0, list.first, BlockID?.none)
    while let current = block {
      precondition(list.previous(of: current) == previous, "a list leads back as it leads on")
      sum += mask(pages.blocks[current]).nonzeroBitCount
      (previous, block) = (current, list.next(of: current))
    }
    return sum
  }

  private mutating func checkOrder(of ledger: Ledger) {
    var listed = 0
    ledger.order.forEachOldestFirst { id in
      precondition(ledger[id].pointee.place == .ordered)
      listed += 1
    }
    precondition(listed == ledger.order.count(kept: false) + ledger.order.count(kept: true))
    for wheel in [ledger.held, ledger.fresh, ledger.unwritten] {
      var waiting = 0
      wheel.forEach { id in
        precondition(ledger[id].pointee.place != .none && ledger[id].pointee.place != .ordered)
        waiting += 1
      }
      precondition(waiting == wheel.count, "a wheel counts what waits in it")
      listed += waiting
    }
    precondition(listed == ordered, "every published entry is in one list")
    self.listed = listed
  }

  func check(indexed: Int) {
    precondition(indexed == published && listed + away == published, "index, order and records agree")
  }

  func check(_ book: PromiseBook) {
    var total = 0
    for (end, bytes) in leased where end >= book.second {
      precondition(book.bytes(through: end) == bytes, "a second's promises add up")
      total += bytes
    }
    precondition(total == book.bytes, "all promises add up")
  }
}

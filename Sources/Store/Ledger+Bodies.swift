import Base

/// What came of asking for more pages.
enum Growth {
  case ready
  /// The budget is spent: something must be evicted.
  case full
  /// Bodies in flight hold their share.
  case crowded
  /// There is room, but not yet populated.
  case behind
  /// Others need the pages more.
  case condemned
  /// So does its quota, and something of that must go; or the whole value is larger.
  case overQuota(UInt8, isForGood: Bool)
}

/// What came of asking for a record.
enum Beginning {
  case begun(EntryRef, BodyID)
  case full
  /// Long keys hold their share.
  case annexesFull
  case tooManyBodies
}

extension Ledger {
  var inFlightBytesMax: Int { budgetBytes / 100 * Limits.inFlightPercentMax }

  /// `annotationBytes` is how much of an annotation will need an annex.
  mutating func begin(_ entry: Entry, annotationBytes: Int, now: UInt64) -> Beginning {
    guard !bodies.isFull else { return .tooManyBodies }
    let keyAnnexes = EntryTable.annexRecords(keyLength: Int(entry.fixed.keyLength))
    let annexes = keyAnnexes + EntryTable.annexRecords(byteCount: annotationBytes)
    let annexBytesMax = budgetBytes / 100 * Limits.annexPercentMax
    guard annexes == 0 || (records.annexCount + annexes) * Limits.recordBytes <= annexBytesMax else {
      return .annexesFull
    }
    guard let missing = records.missing(of: 1 + annexes), missing == 0 || hasRoom(for: missing * records.bytesEach)
    else { return .full }
    var entry = entry
    if annexes > 0 {
      entry.storage.keyAnnex = records.takeAnnex(byteCount: Int(entry.fixed.keyLength) - EntryTable.payloadBytes)
      entry.stripes.annotationAnnex = records.takeAnnex(byteCount: annotationBytes)
    }
    let ref = records.take(for: entry)
    noteUse()
    return .begun(ref, bodies.begin(entry: ref.id, now: now))
  }

  /// Takes pages until bytes up to `end` have a place. What was taken stays taken whatever the answer. By blocks, a body
  /// that is to have one is told to make room or to wait for it, however many single pages there are.
  mutating func grow(_ id: BodyID, to end: Int, byBlocks: Bool, now: UInt64) -> Growth {
    noteTime(now)
    guard !bodies[id].pointee.isCondemned else { return .condemned }
    let storage = storage(of: bodies[id].pointee.entry)
    let whole = Footprint(length: Int(entries[bodies[id].pointee.entry].pointee.length))
    let pagesWanted = min((end + Limits.pageBytes - 1) / Limits.pageBytes, whole.pages)
    while storage.pointee.pageCount < pagesWanted {
      let isBlock = mayHoldBlock(pagesLeft: whole.pages - Int(storage.pointee.pageCount))
      let step = isBlock ? Limits.blockBytes : Limits.pageBytes
      if let refusal = quotaRefusal(bodies[id].pointee.entry, step, of: whole) { return wait(id, refusal) }
      if isBlock {
        if hasRoom(for: Limits.blockBytes), let block = pages.takeBlock() {
          append(block, to: id)
          hold(id, Limits.blockBytes)
          continue
        }
        if byBlocks, let refusal = refusalOfBlock { return wait(id, refusal) }
      }
      if let refusal = refusal(of: Limits.pageBytes) { return wait(id, refusal) }
      appendPage(to: id)
      hold(id, Limits.pageBytes)
    }
    if end > whole.pages * Limits.pageBytes, whole.units > 0, storage.pointee.fragment.units == 0 {
      let bytes = whole.units * Limits.unitBytes
      if let refusal = quotaRefusal(bodies[id].pointee.entry, bytes, of: whole) { return wait(id, refusal) }
      if let refusal = giveFragment(units: whole.units, to: storage) { return wait(id, refusal) }
      hold(id, bytes)
    }
    if bodies[id].pointee.isWaiting {
      bodies[id].pointee.isWaiting = false
      bodies[id].pointee.lastProgress = now
    }
    return .ready
  }

  /// It has everything, or it gives everything back.
  mutating func end(_ id: BodyID) { bodies.end(id) }

  private mutating func wait(_ id: BodyID, _ growth: Growth) -> Growth {
    bodies[id].pointee.isWaiting = true
    return growth
  }

  private mutating func hold(_ id: BodyID, _ bytes: Int) {
    bodies.hold(id, bytes)
    quotas?.add(bytes, toQuotaOf: bodies[id].pointee.entry)
    noteUse()
  }

  private func refusal(of bytes: Int) -> Growth? {
    if bodies.heldBytes + bytes > inFlightBytesMax { return .crowded }
    if !hasRoom(for: Limits.pageBytes) { return .full }
    if pages.hasReadyPage { return nil }
    return canPopulate ? .behind : .full
  }

  private func mayHoldBlock(pagesLeft: Int) -> Bool {
    pagesLeft >= Limits.pagesPerBlock
      && bodies.heldBytes + Limits.blockBytes <= budgetBytes / 100 * Limits.blockInFlightPercentMax
  }

  /// Its body needs as many bytes in any case: making room for a block evicts nothing in vain. Where there is room but no
  /// block is whole, pages have to do: evicting until one is would have no end.
  private var refusalOfBlock: Growth? {
    if !hasRoom(for: Limits.blockBytes) { return .full }
    return pages.isRenewing ? .behind : nil
  }

  private func append(_ block: BlockID, to body: BodyID) {
    let first = BlockTable.firstPage(of: block)
    let last = first + PageID(Limits.pagesPerBlock - 1)
    for page in first..<last { pages.links.setNext(of: page, to: page + 1) }
    append(first: first, last: last, count: Limits.pagesPerBlock, to: body)
  }

  private mutating func appendPage(to body: BodyID) {
    guard let page = pages.takePage() else { preconditionFailure("asked before") }
    append(first: page, last: page, count: 1, to: body)
  }

  private func append(first: PageID, last: PageID, count: Int, to id: BodyID) {
    pages.links.setNext(of: last, to: PagePool.none)
    let (body, storage) = (bodies[id], storage(of: bodies[id].pointee.entry))
    if storage.pointee.pageCount == 0 {
      storage.pointee.head = first
    } else {
      pages.links.setNext(of: body.pointee.tail, to: first)
    }
    body.pointee.tail = last
    storage.pointee.pageCount += UInt32(count)
  }

  private mutating func giveFragment(units: Int, to storage: UnsafeMutablePointer<Entry.Storage>) -> Growth? {
    if bodies.heldBytes + units * Limits.unitBytes > inFlightBytesMax { return .crowded }
    if let fragment = fragments.take(units: units) {
      storage.pointee.fragment = fragment
      return nil
    }
    if let refusal = refusal(of: units * Limits.unitBytes) { return refusal }
    guard let page = pages.takePage() else { preconditionFailure("asked before") }
    storage.pointee.fragment = fragments.take(units: units, from: page)
    return nil
  }
}

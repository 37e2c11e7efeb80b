import Base

/// What came of looking for room within a quota.
enum QuotaRoom {
  case made
  /// A device is to write something before it can go.
  case later
  /// Those that were looked at are read or promised.
  case none
}

extension Vault {
  /// Evicts the coldest value of a quota that can go. Bounded work: a quota of which so many cold values are in use at once is
  /// full of them.
  func makeRoom(inQuota number: UInt8, now: UInt64) -> QuotaRoom {
    var isUnwritten = false
    let count = ledger.withLock { $0.quotas?.count(number) ?? 0 }
    for _ in 0..<min(count, Limits.quotaLooksMax) {
      guard let candidate = ledger.withLock({ $0.victim(ofQuota: number) }) else { break }
      let (isEvicted, obstacle) = take(candidate, for: .quota, now: now, breaksPromises: false)
      if isEvicted { return .made }
      if case .unwritten = obstacle { isUnwritten = true }
      ledger.withLock { $0.passOver(candidate.ref) }
    }
    return isUnwritten ? .later : .none
  }

  /// Counts the quotas again from the records. For checks.
  func checkQuotas() {
    let ledger = ledger.withLock { $0 }
    guard let quotas = ledger.quotas else { return }
    let figures = quotas.figures
    var bytes = [Int](repeating: 0, count: figures.count)
    var chunks = [Int](repeating: 0, count: figures.count)
    for id in 1..<EntryID(ledger.records.frontier) {
      let (state, number) = (stripePart(of: id).state, Int(entries[id].pointee.quota))
      guard state != .free, state != .annex, number > 0 else { continue }
      bytes[number - 1] += entries.storage(of: id).pointee.bytes
      if ledger[id].pointee.place != .none { chunks[number - 1] += 1 }
    }
    for number in figures.indices {
      precondition(figures[number].bytes == bytes[number], "the bytes of a quota add up")
      precondition(figures[number].bytes <= figures[number].bytesMax, "a quota holds")
      var listed = 0
      quotas.forEachOldestFirst(number + 1) { id in
        precondition(entries[id].pointee.quota == number + 1 && ledger[id].pointee.place != .none)
        listed += 1
      }
      precondition(
        listed == chunks[number] && listed == figures[number].chunks, "a quota lists what it holds in memory")
    }
  }
}

extension Store {
  /// In the order in which they were given.
  package var quotas: [QuotaFigures] { vault.ledger.withLock { $0.quotas?.figures ?? [] } }
}

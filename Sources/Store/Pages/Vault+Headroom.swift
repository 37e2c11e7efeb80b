import Base

/// What keeps lent memory within the limits of the process.
///
/// A block that was lent is given back and gets new memory, while the kernel, or a socket that is long closed here, may
/// keep the old for as long as it likes. That is in no books, so each renewal spends headroom: what the system has left, less
/// what the budget may still populate, less a floor for everything else. When it is spent, replies are copied. Pages are
/// populated only where the system has room for them, whatever holds the rest.
extension Vault {
  func watch(_ source: @escaping @Sendable () -> Int?) {
    population.withLock {
      $0.room = SystemRoom(source: source)
      look(&$0)
    }
  }

  /// At the begin of a step: what housekeeping wished for.
  func lookIfWanted(_ population: inout Population) {
    guard headroom.takeWish() else { return }
    look(&population)
    population.room.bePatient()
  }

  /// Where sockets, lists or the heap have taken nearly all that is left, by what is booked or not, the store gives back
  /// memory: what holds nothing first, then the coldest values. True when there may be more to give.
  func giveWay(_ population: inout Population) -> Bool {
    let missing = population.room.missing
    guard missing > 0 else { return false }
    let count = min((missing + Limits.pageBytes - 1) / Limits.pageBytes, Limits.populateStepPages)
    evict(for: .system, while: { $0.pages.idle < count })
    let bytes = withdraw(count, mayBreakBlocks: true, &population) * Limits.pageBytes
    population.room.noteYielded(max(bytes, Limits.pageBytes))
    look(&population)
    return bytes > 0
  }

  /// Whether so much may be populated.
  func takeRoom(_ bytes: Int, _ population: inout Population) -> Bool {
    if population.room.isReadingDue(for: bytes) { look(&population) }
    return population.room.take(bytes)
  }

  /// Reads files of the system: under no lock but the helper's own.
  func look(_ population: inout Population) {
    population.room.read()
    let (unpopulated, reserve) = ledger.withLock { ledger in
      (ledger.unpopulatedBytes, Limits.reserveBytes(besideBudget: ledger.budgetBytes))
    }
    population.room.floor = reserve / 100 * Limits.roomFloorPercent
    population.room.brink = reserve / 100 * Limits.roomBrinkPercent
    headroom.note(population.room.left.map { $0 - unpopulated - reserve / 100 * Limits.lendingFloorPercent })
    guard population.room.has(Limits.populateStepBytes) else { return }
    ledger.withLock { $0.pages.isOutOfRoom = false }
  }
}

extension Ledger {
  /// What the budget allows and no memory lies behind yet. Fixed tables count in full, since they are touched bit by bit.
  fileprivate var unpopulatedBytes: Int {
    max(0, budgetBytes - pages.resident * Limits.pageBytes - records.bytes - indexBytes - chargedBytes)
  }
}

extension Limits {
  /// What a limit that has this budget by default leaves beside it.
  fileprivate static func reserveBytes(besideBudget budget: Int) -> Int {
    max(reserveBytesMin, budget / (100 - reservePercent) * reservePercent)
  }
}

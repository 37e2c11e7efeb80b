import Base
import Glibc

/// A share of the entries, by key hash: its log, and the table that finds places in it.
struct Shard {
  private let memory: RegistryMemory
  private let hashSeed: UInt64
  private var log: EntryLog
  private var table: PlaceTable

  static let slotsMin = 16

  init(memory: RegistryMemory, hashSeed: UInt64) {
    self.memory = memory
    self.hashSeed = hashSeed
    log = EntryLog(memory: memory)
    table = PlaceTable(capacity: Self.slotsMin)
    let isBooked = memory.bookTable(PlaceTable.bytes(capacity: Self.slotsMin))
    precondition(isBooked, "the least budget holds the first tables")
  }

  func deallocate() { table.deallocate() }

  var count: Int { table.count }
  var liveBytes: Int { log.liveBytes }
  var deadBytes: Int { log.deadBytes }

  // MARK: Entries

  func owner(of key: UnsafeRawBufferPointer, _ hash: UInt64) -> OwnerID? {
    find(key, hash).map { log.record(at: table.place(at: $0)).owner }
  }

  /// Enters or confirms. `lost` is called for every entry that is replaced or dropped. False when dropping entries
  /// makes no room either.
  mutating func set(
    _ key: UnsafeRawBufferPointer, _ hash: UInt64, owner: OwnerID, lost: (Loss, OwnerID) -> Void
  ) -> Bool {
    table.prefetch(Self.tag(hash))
    guard makeRoomInTable(lost), let place = append(key, owner, lost) else { return false }
    // Searched only now: making room may have dropped the entry that is confirmed here.
    if let slot = find(key, hash) {
      let old = table.place(at: slot)
      lost(.replaced, log.record(at: old).owner)
      log.kill(old)
      table.move(at: slot, to: place)
    } else {
      table.insert(Self.tag(hash), place)
    }
    closeGaps()
    return true
  }

  mutating func remove(_ key: UnsafeRawBufferPointer, _ hash: UInt64) -> OwnerID? {
    guard let slot = find(key, hash) else { return nil }
    let place = table.place(at: slot)
    let owner = log.record(at: place).owner
    table.remove(at: slot)
    log.kill(place)
    closeGaps()
    return owner
  }

  @inline(__always)
  private func find(_ key: UnsafeRawBufferPointer, _ hash: UInt64) -> Int? {
    table.find(Self.tag(hash)) { place in
      let own = log.record(at: place).key
      return own.count == key.count && memcmp(own.baseAddress!, key.baseAddress!, key.count) == 0
    }
  }

  private static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash) }

  // MARK: Room

  private mutating func append(
    _ key: UnsafeRawBufferPointer, _ owner: OwnerID, _ lost: (Loss, OwnerID) -> Void
  ) -> Place? {
    while true {
      if let place = log.append(key, owner: owner) { return place }
      guard dropFirst(lost) else { return nil }
    }
  }

  /// A table that cannot grow is kept from filling up by dropping entries.
  private mutating func makeRoomInTable(_ lost: (Loss, OwnerID) -> Void) -> Bool {
    while table.isFull {
      let oldBytes = PlaceTable.bytes(capacity: table.capacity)
      let newBytes = PlaceTable.bytes(capacity: table.grownCapacity)
      if memory.bookTable(newBytes) {
        // Both tables exist while it grows.
        table.grow()
        memory.unbookTable(oldBytes)
      } else if !dropFirst(lost) {
        return false
      }
    }
    return true
  }

  private mutating func dropFirst(_ lost: (Loss, OwnerID) -> Void) -> Bool {
    Self.dropFirst(of: &log, in: &table, hashSeed, lost)
  }

  private mutating func closeGaps() { Self.closeGaps(in: &log, &table, hashSeed) }

  // Static, with the two parts as arguments: each part is changed while the other is in use.

  private static func dropFirst(
    of log: inout EntryLog, in table: inout PlaceTable, _ seed: UInt64, _ lost: (Loss, OwnerID) -> Void
  ) -> Bool {
    log.dropFirst { place, record in
      lost(.dropped, record.owner)
      table.remove(at: slot(of: place, record, in: table, seed))
    }
  }

  private struct Move {
    let tag: UInt32
    let from: Place
    let to: Place
  }

  /// The table is updated at the end of a step, in the order of the moves: by then all the prefetched slots, which are
  /// scattered over the table, are on their way.
  private static func closeGaps(in log: inout EntryLog, _ table: inout PlaceTable, _ seed: UInt64) {
    withUnsafeTemporaryAllocation(of: Move.self, capacity: Limits.registryMovesPerStep) { moves in
      var count = 0
      log.closeGaps { from, record, to in
        let move = Move(tag: tag(EntryHash.of(record.key, seed: seed)), from: from, to: to)
        table.prefetch(move.tag)
        moves.initializeElement(at: count, to: move)
        count += 1
      }
      for index in 0..<count {
        let move = moves[index]
        table.move(at: slot(of: move.from, move.tag, in: table), to: move.to)
      }
    }
  }

  private static func slot(of place: Place, _ record: LogEntry, in table: PlaceTable, _ seed: UInt64) -> Int {
    slot(of: place, tag(EntryHash.of(record.key, seed: seed)), in: table)
  }

  @inline(__always)
  private static func slot(of place: Place, _ tag: UInt32, in table: PlaceTable) -> Int {
    guard let slot = table.find(tag, where: { $0 == place }) else {
      preconditionFailure("what lives in the log is in the table")
    }
    return slot
  }
}

/// Why an owner lost an entry.
enum Loss {
  case replaced, dropped
}

extension Shard {
  /// Traps when log and table do not agree. For tests.
  func checkInvariants() {
    let places = log.livePlaces()
    precondition(places.count == table.count, "as many places as slots")
    var bytes = 0
    for place in places {
      let record = log.record(at: place)
      bytes += record.byteCount
      _ = Self.slot(of: place, record, in: table, hashSeed)
    }
    precondition(bytes == log.liveBytes, "the live bytes add up")
  }

  /// Oldest first.
  func keys() -> [[UInt8]] { log.livePlaces().map { Array(log.record(at: $0).key) } }
}

import Base
import Synchronization

/// Which place a name has, for all threads, without a lock: names by their hashes. Changed under the ledger's lock.
final class NameDirectory: @unchecked Sendable {
  private static let placeMask: UInt64 = 0xFF
  private let slots: UnsafeMutablePointer<Atomic<UInt64>>
  private let mask: Int

  init(places: Int) {
    let count = places.nextPowerOfTwo * 4
    mask = count - 1
    slots = .allocate(capacity: count)
    for index in 0..<count { (slots + index).initialize(to: Atomic(0)) }
  }

  deinit {
    slots.deinitialize(count: mask + 1)
    slots.deallocate()
  }

  /// 0 where the name has none.
  func place(of hash: UInt64) -> UInt8 {
    var index = Int(truncatingIfNeeded: hash >> 8) & mask
    // A quarter of the slots is in use at most: there is an end.
    while true {
      let slot = slots[index].load(ordering: .relaxed)
      if slot == 0 { return 0 }
      if slot & ~Self.placeMask == hash & ~Self.placeMask { return UInt8(slot & Self.placeMask) }
      index = (index + 1) & mask
    }
  }

  func insert(_ hash: UInt64, place: UInt8) {
    var index = Int(truncatingIfNeeded: hash >> 8) & mask
    while slots[index].load(ordering: .relaxed) != 0 { index = (index + 1) & mask }
    slots[index].store(hash & ~Self.placeMask | UInt64(place), ordering: .relaxed)
  }

  /// Readers that look meanwhile may not find names that stay: their counts go to the others.
  func removeAll() { for index in 0...mask { slots[index].store(0, ordering: .relaxed) } }
}

extension Int {
  fileprivate var nextPowerOfTwo: Int { 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}

/// What is held under a name.
package struct UsageHoldings: Equatable, Sendable {
  package var chunks = 0
  package var bytes = 0
  /// The same of what only devices have.
  package var awayChunks = 0
  package var awayBytes = 0
  /// Of both, those of the first rank: the others' have no tokens of their own.
  package var leading = 0
  package var awayLeading = 0
  /// Open connections, of a client.
  package var connections = 0

  var isEmpty: Bool { self == UsageHoldings() }
}

/// Names of one group and what is held under each. The first place is for what has no name, the second for names that found no
/// place: a name has one until nothing is held under it and it has not been entered for a while, and another one wants it.
struct NameTable: Sendable {
  static let nonePlace: UInt8 = 0
  static let othersPlace: UInt8 = 1

  let group: UsageGroup
  let directory: NameDirectory
  private let counters: UsageCounters
  private(set) var names: [[UInt8]]
  private var hashes: [UInt64]
  private var enteredAt: [UInt64]
  private(set) var holdings: [UsageHoldings]
  /// What its counters said when the place was given to its present name.
  private var before: [UInt64]
  private var used = 2

  static func bytes(places: Int) -> Int {
    let place = MemoryLayout<UsageHoldings>.stride + 3 * 8 + UsageCount.count * 8
    return places * (place + Limits.usageNameBytesMax + 64)
  }

  init(_ group: UsageGroup, _ counters: UsageCounters) {
    (self.group, self.counters) = (group, counters)
    directory = NameDirectory(places: group.places)
    names = Array(repeating: [], count: group.places)
    hashes = Array(repeating: 0, count: group.places)
    enteredAt = Array(repeating: 0, count: group.places)
    holdings = Array(repeating: UsageHoldings(), count: group.places)
    before = Array(repeating: 0, count: group.places * UsageCount.count)
  }

  /// The place of a name, which it is given if there is one.
  mutating func enter(_ name: UsageName, now: UInt64) -> UInt8 {
    guard !name.isNone else { return Self.nonePlace }
    let known = directory.place(of: name.hash)
    guard known == 0 else {
      enteredAt[Int(known)] = now
      return known
    }
    guard name.isPresentable, let place = freePlace(now: now) else { return Self.othersPlace }
    names[place] = Array(name.text)
    hashes[place] = name.hash
    enteredAt[place] = now
    directory.insert(name.hash, place: UInt8(place))
    return UInt8(place)
  }

  /// Of the names under which nothing is held, the one that was entered longest ago gives way.
  private mutating func freePlace(now: UInt64) -> Int? {
    if used < group.places {
      used += 1
      return used - 1
    }
    var oldest: Int?
    var place = 2
    while place < group.places {
      if holdings[place].isEmpty, enteredAt[place] < enteredAt[oldest ?? place] || oldest == nil { oldest = place }
      place += 1
    }
    guard let oldest, now >= enteredAt[oldest] + Limits.usageNameRestNanoseconds else { return nil }
    retire(oldest)
    return oldest
  }

  /// What was counted under it goes on as the others': the sum of all rows never falls.
  private mutating func retire(_ place: Int) {
    for count in UsageCount.allCases {
      let total = counters.sum(group, place, count)
      let others = Int(Self.othersPlace) * UsageCount.count + count.rawValue
      before[others] &-= total &- before[place * UsageCount.count + count.rawValue]
      before[place * UsageCount.count + count.rawValue] = total
    }
    counters.forgetWrites(group, place)
    hashes[place] = 0
    directory.removeAll()
    for other in 2..<group.places where hashes[other] != 0 { directory.insert(hashes[other], place: UInt8(other)) }
  }

  mutating func update(_ place: UInt8, _ change: (inout UsageHoldings) -> Void) { change(&holdings[Int(place)]) }

  /// For a reader that has room for it, and goes on without the lock.
  func copy(into rows: inout NameRows) {
    for place in 0..<used {
      rows.rows.append((names[place], holdings[place]))
      for count in 0..<UsageCount.count { rows.before.append(before[place * UsageCount.count + count]) }
    }
  }
}

/// A copy of a table. What its counters say is read afterwards: they only rise.
struct NameRows {
  fileprivate var rows: [(name: [UInt8], holdings: UsageHoldings)] = []
  fileprivate var before: [UInt64] = []
  private let group: UsageGroup

  init(_ group: UsageGroup) {
    self.group = group
    rows.reserveCapacity(group.places)
    before.reserveCapacity(group.places * UsageCount.count)
  }

  func figures(_ counters: UsageCounters) -> [UsageFigures] {
    rows.enumerated().map { place, row in
      let counts = UsageCount.allCases.map { count in
        counters.sum(group, place, count) &- before[place * UsageCount.count + count.rawValue]
      }
      return UsageFigures(
        place: place, name: row.name, holdings: row.holdings, counts: counts,
        modelsWritten: group == .client ? counters.modelsWritten(by: place) : 0,
        tokensEach: group == .model ? counters.tokensEach(ofModel: place) : nil)
    }
  }
}

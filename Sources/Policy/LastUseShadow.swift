/// What the order of last use would find, known from a sample of chunks: those whose hashes end in enough zeros. How many other
/// chunks were used since a chunk's last use says in how much room that order would still have it.
struct LastUseShadow: Sendable {
  /// Rooms by 16ths of what fits, up to twice that.
  static let parts = 16
  private static let bins = 2 * parts
  private static let positions = 2 * PolicyLimits.shadowMax

  /// Uses by the room that their chunk would have been kept in; the last bin is of those that no such room would.
  private(set) var uses = [Int](repeating: 0, count: bins + 1)
  /// All of them, in the sample or not.
  private var useCount = 0
  /// Of every so many chunks one is in the sample, as a shift.
  private(set) var shift = 0

  /// Chunks by their last use: a place is used once. 0 is none.
  private var order = [UInt64](repeating: 0, count: positions)
  /// How many chunks stand at a place and in the places before it, as sums over powers of two.
  private var sums = [UInt16](repeating: 0, count: positions + 1)
  /// Places by hash, from 1.
  private var slots = [UInt16](repeating: 0, count: 2 * positions)
  private var next = 0
  private var oldest = 0
  private var count = 0

  static let bytes = positions * (8 + 2 + 2 * 2) + bins * 8

  /// A chunk was used, found or not. Nil if it is not in the sample; else whether the order of last use would have found it.
  mutating func note(_ hash: UInt64, fitting room: Int) -> Bool? {
    useCount += 1
    if useCount > PolicyLimits.curveTurnovers * max(room, Self.positions) { fade() }
    let mixed = (hash &* 0x9E37_79B9_7F4A_7C15) >> 24 | 1 << 40
    guard mixed & ((1 << shift) - 1) == 0 else { return nil }
    while room >> shift > PolicyLimits.shadowMax / 2 { thin() }
    guard mixed & ((1 << shift) - 1) == 0 else { return nil }
    if next == Self.positions { pack() }
    var bin = Self.bins
    if let slot = find(mixed) {
      let place = Int(slots[slot]) - 1
      let since = (count - sum(through: place)) << shift
      bin = min(Self.bins, since * Self.parts / max(room, 1))
      take(place, slot)
    }
    uses[bin] += 1 << shift
    put(mixed)
    if count > PolicyLimits.shadowMax { dropOldest() }
    return bin < Self.parts
  }

  /// What was seen long ago counts less than what is seen now.
  private mutating func fade() {
    useCount /= 2
    for bin in uses.indices { uses[bin] /= 2 }
  }

  /// The share of uses that it would find with so many 16ths of the room. A few chunks that all prompts share make up many uses,
  /// and are in the sample or not: the uses that the sample lacks, or has too many, are theirs, and they are found in any room.
  func share(room parts: Int) -> Double {
    guard useCount > 0 else { return 0 }
    let found = uses[..<min(parts, Self.bins)].reduce(0, +) + useCount - uses.reduce(0, +)
    return min(1, max(0, Double(found) / Double(useCount)))
  }

  private mutating func put(_ mixed: UInt64) {
    order[next] = mixed
    add(1, at: next)
    count += 1
    next += 1
    var slot = home(mixed)
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = UInt16(next)
  }

  private mutating func dropOldest() {
    while order[oldest] == 0 { oldest += 1 }
    if let slot = find(order[oldest]) { take(oldest, slot) }
  }

  private mutating func take(_ place: Int, _ slot: Int) {
    order[place] = 0
    add(.max, at: place)
    count -= 1
    // What stands behind it moves up, so that no search ends too early.
    var hole = slot
    var probe = (slot + 1) & (slots.count - 1)
    while slots[probe] != 0 {
      let wanted = home(order[Int(slots[probe]) - 1])
      if (probe &- wanted) & (slots.count - 1) >= (probe &- hole) & (slots.count - 1) {
        slots[hole] = slots[probe]
        hole = probe
      }
      probe = (probe + 1) & (slots.count - 1)
    }
    slots[hole] = 0
  }

  /// Half of the sample goes.
  private mutating func thin() {
    shift += 1
    let mask = UInt64(1) << shift - 1
    pack { $0 & mask == 0 }
  }

  /// All places are used: those that hold a chunk become the first ones.
  private mutating func pack(keeping isKept: (UInt64) -> Bool = { _ in true }) {
    let end = next
    for index in slots.indices { slots[index] = 0 }
    for index in sums.indices { sums[index] = 0 }
    (next, oldest, count) = (0, 0, 0)
    for place in 0..<end {
      let mixed = order[place]
      order[place] = 0
      if mixed != 0, isKept(mixed) { put(mixed) }
    }
  }

  private func home(_ mixed: UInt64) -> Int { Int(truncatingIfNeeded: mixed >> 12) & (slots.count - 1) }

  private func find(_ mixed: UInt64) -> Int? {
    var slot = home(mixed)
    while slots[slot] != 0 {
      if order[Int(slots[slot]) - 1] == mixed { return slot }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  private mutating func add(_ change: UInt16, at place: Int) {
    var index = place + 1
    while index < sums.count {
      sums[index] &+= change
      index += index & -index
    }
  }

  private func sum(through place: Int) -> Int {
    var (index, sum) = (place + 1, 0)
    while index > 0 {
      sum += Int(sums[index])
      index -= index & -index
    }
    return sum
  }
}

/// Chunks that are watched, kept or gone: whether they come back, and when. The sample that all that is learnt comes from,
/// and the memory of what was evicted. Each costs 24 bytes, and some more in a table that finds it by its hash.
struct Monitor: Sendable {
  struct Watched: Sendable {
    var hash: UInt64
    var touchedAt: UInt32
    var newer: UInt32 = 0
    var older: UInt32 = 0
    var chunkClass: ChunkClass
    var reuses: UInt8
  }

  /// Places from 1; 0 is none. Free ones are linked by `older`.
  private var watched: [Watched]
  private var free: UInt32 = 0
  private var newest: UInt32 = 0
  private var oldest: UInt32 = 0
  private(set) var count = 0
  /// Places by hash, the next free slot taken where one is full.
  private var slots: [UInt32]

  static let bytesMin =
    PolicyLimits.watchedMin * (MemoryLayout<Watched>.stride * 9 / 8 + 2 * MemoryLayout<UInt32>.stride)

  init() {
    watched = [Watched(hash: 0, touchedAt: 0, chunkClass: .underWay, reuses: 0)]
    slots = Array(repeating: 0, count: 64)
  }

  var bytes: Int {
    watched.capacity * MemoryLayout<Watched>.stride + slots.capacity * MemoryLayout<UInt32>.stride
  }

  subscript(place: UInt32) -> Watched { watched[Int(place)] }

  /// The place of the one that was touched longest ago; 0 is none.
  var first: UInt32 { oldest }

  func find(_ hash: UInt64) -> UInt32? {
    var slot = home(hash)
    while slots[slot] != 0 {
      if watched[Int(slots[slot])].hash == hash { return slots[slot] }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// Whether a place is that of a chunk. It may have been another monitor's, before this one was taken over.
  func holds(_ hash: UInt64, at place: UInt32) -> Bool {
    place != 0 && Int(place) < watched.count && watched[Int(place)].hash == hash
  }

  /// Watches a chunk that is not watched. Its place.
  mutating func add(_ entry: Watched) -> UInt32 {
    if 4 * (count + 1) > 3 * slots.count { grow() }
    let place: UInt32
    if free != 0 {
      place = free
      free = watched[Int(place)].older
      watched[Int(place)] = entry
    } else {
      place = UInt32(watched.count)
      watched.appendTightly(entry)
    }
    watched[Int(place)].older = newest
    watched[Int(place)].newer = 0
    if newest != 0 { watched[Int(newest)].newer = place } else { oldest = place }
    newest = place
    count += 1
    enter(place)
    return place
  }

  mutating func remove(_ place: UInt32) {
    let entry = watched[Int(place)]
    if entry.newer != 0 { watched[Int(entry.newer)].older = entry.older } else { newest = entry.older }
    if entry.older != 0 { watched[Int(entry.older)].newer = entry.newer } else { oldest = entry.newer }
    leave(place)
    watched[Int(place)].older = free
    watched[Int(place)].hash = 0
    free = place
    count -= 1
  }

  /// Each `step`th of them.
  func sample(every step: Int, _ visit: (Watched) -> Void) {
    var place = newest
    var index = 0
    while place != 0 {
      let entry = watched[Int(place)]
      if index % step == 0 { visit(entry) }
      index += 1
      place = entry.older
    }
  }

  private func home(_ hash: UInt64) -> Int {
    Int(truncatingIfNeeded: (hash &* 0x9E37_79B9_7F4A_7C15) >> 20) & (slots.count - 1)
  }

  private mutating func enter(_ place: UInt32) {
    var slot = home(watched[Int(place)].hash)
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = place
  }

  /// What stands behind it moves up, so that no search ends too early.
  private mutating func leave(_ place: UInt32) {
    var hole = home(watched[Int(place)].hash)
    while slots[hole] != place { hole = (hole + 1) & (slots.count - 1) }
    var slot = (hole + 1) & (slots.count - 1)
    while slots[slot] != 0 {
      let wanted = home(watched[Int(slots[slot])].hash)
      if (slot &- wanted) & (slots.count - 1) >= (slot &- hole) & (slots.count - 1) {
        slots[hole] = slots[slot]
        hole = slot
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[hole] = 0
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: 2 * slots.count)
    var place = newest
    while place != 0 {
      enter(place)
      place = watched[Int(place)].older
    }
  }
}

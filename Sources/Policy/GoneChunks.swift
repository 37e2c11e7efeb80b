/// How often chunks that have gone had come back: one that is stored again is worth what it was, not what a new one is. The
/// latest of them, four bytes each, in lines of sixteen, the one that went last first.
struct GoneChunks: Sendable {
  private static let lineChunks = 16
  /// Of an entry. The bits above it are those of the chunk's mixed hash.
  private static let countMask: UInt32 = 0xFF

  /// 0 is none.
  private var entries = [UInt32](repeating: 0, count: PolicyLimits.goneMin)

  static let bytesMin = PolicyLimits.goneMin * MemoryLayout<UInt32>.stride
  /// Beyond that.
  var bytes: Int { (entries.count - PolicyLimits.goneMin) * MemoryLayout<UInt32>.stride }

  /// A chunk has gone. The one of its line that went longest ago is forgotten.
  mutating func note(_ hash: UInt64, reuses: UInt8, fitting count: Int) {
    if entries.count < PolicyLimits.gonePerChunk * count { grow() }
    let mixed = Self.mixed(hash)
    let line = line(mixed)
    var entry = mixed & ~Self.countMask | UInt32(reuses)
    var place = line
    while entry != 0, place < line + Self.lineChunks {
      swap(&entry, &entries[place])
      place += 1
    }
  }

  /// A chunk is stored again. How often it had come back; nil if that is not known.
  mutating func take(_ hash: UInt64) -> UInt8? {
    let mixed = Self.mixed(hash)
    let line = line(mixed)
    let end = line + Self.lineChunks
    var place = line
    while place < end, entries[place] & ~Self.countMask != mixed & ~Self.countMask { place += 1 }
    guard place < end else { return nil }
    let reuses = UInt8(entries[place] & Self.countMask)
    while place + 1 < end {
      entries[place] = entries[place + 1]
      place += 1
    }
    entries[place] = 0
    return reuses
  }

  /// Never 0 above the count.
  private static func mixed(_ hash: UInt64) -> UInt32 {
    let mixed = UInt32(truncatingIfNeeded: (hash &* 0x9E37_79B9_7F4A_7C15) >> 32)
    return mixed > countMask ? mixed : mixed | (countMask + 1)
  }

  private func line(_ mixed: UInt32) -> Int {
    (Int(mixed) & (entries.count / Self.lineChunks - 1)) * Self.lineChunks
  }

  /// Each line becomes two: the next bit of the hash, which an entry holds, says which one is its.
  private mutating func grow() {
    let lines = entries.count / Self.lineChunks
    var larger = [UInt32](repeating: 0, count: 2 * entries.count)
    for line in 0..<lines {
      var ends = (line * Self.lineChunks, (lines + line) * Self.lineChunks)
      for place in ends.0..<ends.0 + Self.lineChunks where entries[place] != 0 {
        if Int(entries[place]) & lines == 0 {
          larger[ends.0] = entries[place]
          ends.0 += 1
        } else {
          larger[ends.1] = entries[place]
          ends.1 += 1
        }
      }
    }
    entries = larger
  }
}

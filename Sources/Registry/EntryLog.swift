import Base

/// A shard's entries in the order of their confirmation: a chain of segments, written at its end. A confirmed entry is
/// written again, and the first segment is the one to drop, so the order needs no links.
///
/// Dead entries leave gaps. Once the gaps exceed a share of the log, a pass copies the living entries, a few a step and
/// in order, into segments that replace the old ones in the chain.
struct EntryLog {
  private struct Header {
    var next: UInt32
    /// Offsets in the segment: entries before `begin` have been copied elsewhere.
    var begin: UInt32
    var end: UInt32
  }

  private static let none = UInt32.max
  private static let headerBytes = MemoryLayout<Header>.stride

  private let memory: RegistryMemory
  private var first = none
  private var last = none
  /// The segment that a pass writes to; the pass reads from the next one. `none` without a pass.
  private var out = none
  /// Kept for a pass, which needs a segment before it frees one.
  private var spare: LogSegment?
  private(set) var liveBytes = 0
  private(set) var deadBytes = 0

  init(memory: RegistryMemory) { self.memory = memory }

  @inline(__always)
  func record(at place: Place) -> LogEntry { LogEntry(start: memory.base + place.offset) }

  // MARK: Writing

  /// Writes at the end; nil when that needs a new segment and the budget has none.
  mutating func append(_ key: UnsafeRawBufferPointer, owner: OwnerID) -> Place? {
    let byteCount = LogEntry.bytes(keyBytes: key.count)
    if last == Self.none || !hasRoom(last, byteCount) {
      guard let segment = memory.takeSegment() else { return nil }
      start(segment)
      if last == Self.none { first = segment.number } else { self[last].pointee.next = segment.number }
      last = segment.number
    }
    let place = extend(last, by: byteCount)
    record(at: place).write(key, owner: owner)
    liveBytes += byteCount
    return place
  }

  mutating func kill(_ place: Place) {
    let record = record(at: place)
    record.kill()
    liveBytes -= record.byteCount
    deadBytes += record.byteCount
  }

  // MARK: Dropping the oldest

  /// Empties the first segment, calling `visit` for each living entry. False when there is no segment.
  mutating func dropFirst(_ visit: (Place, LogEntry) -> Void) -> Bool {
    guard first != Self.none else { return false }
    let segment = first
    while let place = readNext(of: segment) {
      let record = record(at: place)
      if record.isDead {
        deadBytes -= record.byteCount
      } else {
        liveBytes -= record.byteCount
        visit(place, record)
      }
    }
    if out == segment { out = Self.none }
    unlinkFirst()
    release(LogSegment(number: segment))
    return true
  }

  // MARK: Closing gaps

  /// A few steps of a pass, if one is under way or due. Calls `moved` for each entry.
  mutating func closeGaps(_ moved: (_ from: Place, LogEntry, _ to: Place) -> Void) {
    if out == Self.none, !beginPass() { return }
    for _ in 0..<Limits.registryMovesPerStep {
      let source = self[out].pointee.next
      // The last segment is still written to: its gaps are left for the next pass.
      guard source != last else {
        out = Self.none
        return
      }
      guard let place = readNext(of: source) else {
        self[out].pointee.next = self[source].pointee.next
        release(LogSegment(number: source))
        continue
      }
      let record = record(at: place)
      if record.isDead {
        deadBytes -= record.byteCount
      } else {
        moved(place, record, copy(record))
      }
    }
  }

  private mutating func beginPass() -> Bool {
    guard deadBytes * 100 > (liveBytes + deadBytes) * Limits.registryGapPercent,
      deadBytes > 2 * Limits.registrySegmentBytes, first != last
    else { return false }
    guard let segment = spare ?? memory.takeSegment() else { return false }
    spare = nil
    start(segment)
    self[segment.number].pointee.next = first
    first = segment.number
    out = segment.number
    return true
  }

  private mutating func copy(_ record: LogEntry) -> Place {
    let byteCount = record.byteCount
    if !hasRoom(out, byteCount) {
      // At least one source has been read to its end by now: a full segment holds entries of more than one.
      let segment = spare ?? memory.takeSegment()
      guard let segment else { preconditionFailure("a pass frees segments before it needs them") }
      spare = nil
      start(segment)
      self[segment.number].pointee.next = self[out].pointee.next
      self[out].pointee.next = segment.number
      out = segment.number
    }
    let place = extend(out, by: byteCount)
    self.record(at: place).start.copyMemory(from: record.start, byteCount: byteCount)
    return place
  }

  // MARK: Segments

  private subscript(segment: UInt32) -> UnsafeMutablePointer<Header> {
    (memory.base + Int(segment) * Limits.registrySegmentBytes).assumingMemoryBound(to: Header.self)
  }

  private func start(_ segment: LogSegment) {
    let begin = UInt32(Self.headerBytes)
    self[segment.number].initialize(to: Header(next: Self.none, begin: begin, end: begin))
  }

  private func hasRoom(_ segment: UInt32, _ byteCount: Int) -> Bool {
    Int(self[segment].pointee.end) + byteCount <= Limits.registrySegmentBytes
  }

  private func extend(_ segment: UInt32, by byteCount: Int) -> Place {
    let offset = Int(segment) * Limits.registrySegmentBytes + Int(self[segment].pointee.end)
    self[segment].pointee.end += UInt32(byteCount)
    return Place(number: UInt32(offset / Place.unitBytes))
  }

  /// The next unread entry of a segment; marks it as read.
  private func readNext(of segment: UInt32) -> Place? {
    let header = self[segment]
    guard header.pointee.begin < header.pointee.end else { return nil }
    let offset = Int(segment) * Limits.registrySegmentBytes + Int(header.pointee.begin)
    let place = Place(number: UInt32(offset / Place.unitBytes))
    header.pointee.begin += UInt32(record(at: place).byteCount)
    return place
  }

  private mutating func unlinkFirst() {
    let next = self[first].pointee.next
    if first == last { last = Self.none }
    first = next
  }

  private mutating func release(_ segment: LogSegment) {
    if spare == nil { spare = segment } else { memory.giveBack(segment) }
  }
}

extension EntryLog {
  /// The places of all living entries, oldest first. For tests.
  func livePlaces() -> [Place] {
    var places: [Place] = []
    var segment = first
    while segment != Self.none {
      var offset = Int(self[segment].pointee.begin)
      while offset < Int(self[segment].pointee.end) {
        let place = Place(
          number: UInt32((Int(segment) * Limits.registrySegmentBytes + offset) / Place.unitBytes))
        if !record(at: place).isDead { places.append(place) }
        offset += record(at: place).byteCount
      }
      segment = self[segment].pointee.next
    }
    return places
  }
}

/// How old a chunk is, as the policy counts it: in touches of chunks, scaled by how many fit, in bins that double.
///
/// A tick is a 32nd of a turn-over. Bin 0 is the first tick, bin k begins at 2^(k-1) ticks, the last one has no end.
package enum AgeBin {
  package static let count = 16
  package static let ticksPerTurnover = 32

  /// Where a bin begins, in ticks.
  static func start(_ bin: Int) -> Float { bin == 0 ? 0 : Float(1 << (bin - 1)) }
  static func width(_ bin: Int) -> Float { start(bin + 1) - start(bin) }

  static func containing(_ ticks: Float) -> Int {
    guard ticks >= 1 else { return 0 }
    let whole = UInt32(min(ticks, Float(1 << (count - 2))))
    return min(count - 1, 32 - whole.leadingZeroBitCount)
  }
}

/// How often chunks of a class came back at an age, and for how long they were watched there.
package struct Returns: Sendable {
  static let size = ChunkClass.count * AgeBin.count
  private(set) var events: [Float]
  private(set) var exposure: [Float]

  /// What was learnt before; it has been checked.
  init(_ knowledge: Knowledge) { (events, exposure) = (knowledge.events, knowledge.exposure) }

  init() {
    events = Array(repeating: 0, count: Self.size)
    exposure = Array(repeating: 0, count: Self.size)
  }

  var eventCount: Float {
    var count: Float = 0
    for index in 0..<Self.size { count += events[index] }
    return count
  }

  /// A chunk was watched up to this age, and then came back or was lost sight of. What comes back at once counts as the latter.
  mutating func close(_ chunkClass: ChunkClass, ticks: Float, returned: Bool) {
    watch(chunkClass, ticks: ticks, weight: 1)
    if returned, ticks >= PolicyLimits.returnTicksMin { events[chunkClass.row + AgeBin.containing(ticks)] += 1 }
  }

  mutating func watch(_ chunkClass: ChunkClass, ticks: Float, weight: Float) {
    let row = chunkClass.row
    let last = AgeBin.containing(ticks)
    for bin in 0..<last { exposure[row + bin] += weight * AgeBin.width(bin) }
    exposure[row + last] += weight * (ticks - AgeBin.start(last))
  }

  /// What was learnt long ago counts less than what is learnt now.
  mutating func fade() {
    for index in 0..<Self.size {
      events[index] /= 2
      exposure[index] /= 2
    }
  }
}

import Glibc

/// What room for a chunk brings, by its class and age: the hits that it may be expected to bring for the time that it takes.
package struct ValueTable: Sendable {
  /// A row a class, and in it the value at the beginning of each bin.
  private var values: [Float]

  /// Before anything is learnt: the longer ago, the less likely.
  package init() { self.init(Returns()) }

  package init(_ returns: Returns) {
    values = Array(repeating: 0, count: Returns.size)
    let rates = Rates(returns)
    var hazard = [Float](repeating: 0, count: AgeBin.count)
    for number in 0..<ChunkClass.count {
      let row = number * AgeBin.count
      for bin in 0..<AgeBin.count { hazard[bin] = rates.full[row + bin] }
      for bin in 0..<AgeBin.count { values[row + bin] = Self.best(from: bin, hazard) }
    }
  }

  /// Of all horizons the best: how likely a return before it is, for the time held until then.
  private static func best(from first: Int, _ hazard: [Float]) -> Float {
    var alive: Float = 1
    var returned: Float = 0
    var held: Float = 0
    var best: Float = 0
    for bin in first..<AgeBin.count {
      let lost = 1 - exp(-hazard[bin] * AgeBin.width(bin))
      returned += alive * lost
      held += alive * (hazard[bin] > 0 ? lost / hazard[bin] : AgeBin.width(bin))
      alive *= 1 - lost
      best = max(best, returned / held)
    }
    return best
  }

  func value(_ chunkClass: ChunkClass, ticks: Float) -> Float {
    let bin = AgeBin.containing(ticks)
    let row = chunkClass.row
    let here = values[row + bin]
    guard bin + 1 < AgeBin.count else { return here * AgeBin.start(bin) / max(ticks, 1) }
    let share = (ticks - AgeBin.start(bin)) / AgeBin.width(bin)
    return here + (values[row + bin + 1] - here) * share
  }
}

/// Rates of return by class and bin. A class of which little was seen is drawn to the one that it is a part of: all, by
/// reuses, by reuses and distance, each in turn.
private struct Rates {
  private static let weights: (Float, Float, Float, Float) = (2, 2, 2, 3)
  var full: [Float]

  init(_ returns: Returns) {
    full = Array(repeating: 0, count: Returns.size)
    let reuseCount = ChunkClass.reuseCount
    for bin in 0..<AgeBin.count {
      var all: (Float, Float) = (0, 0)
      var byReuse = Array(repeating: (Float(0), Float(0)), count: reuseCount)
      var byDistance = Array(repeating: (Float(0), Float(0)), count: reuseCount * ChunkClass.distanceCount)
      for number in 0..<ChunkClass.count {
        let part = ChunkClass(number: UInt8(number))
        let (events, exposure) = (returns.events[part.row + bin], returns.exposure[part.row + bin])
        func add(_ sum: inout (Float, Float)) { sum = (sum.0 + events, sum.1 + exposure) }
        add(&all)
        add(&byReuse[part.reuses])
        add(&byDistance[part.reuses * ChunkClass.distanceCount + part.distance])
      }
      let root = Self.drawn(all, to: 0.1 / (AgeBin.start(bin) + AgeBin.width(bin) / 2), Self.weights.0)
      let reuse = byReuse.map { Self.drawn($0, to: root, Self.weights.1) }
      let distance = byDistance.indices.map {
        Self.drawn(byDistance[$0], to: reuse[$0 / ChunkClass.distanceCount], Self.weights.2)
      }
      for number in 0..<ChunkClass.count {
        let part = ChunkClass(number: UInt8(number))
        full[part.row + bin] = Self.drawn(
          (returns.events[part.row + bin], returns.exposure[part.row + bin]),
          to: distance[part.reuses * ChunkClass.distanceCount + part.distance], Self.weights.3)
      }
    }
  }

  private static func drawn(_ own: (events: Float, exposure: Float), to rate: Float, _ weight: Float) -> Float {
    (own.events + weight) / (own.exposure + weight / rate)
  }
}

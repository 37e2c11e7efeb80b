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
    let none = Counts(events: 0, exposure: 0)
    var byReuse = Array(repeating: none, count: ChunkClass.reuseCount)
    var byDistance = Array(repeating: none, count: ChunkClass.reuseCount * ChunkClass.distanceCount)
    for bin in 0..<AgeBin.count {
      var all = none
      for index in byReuse.indices { byReuse[index] = none }
      for index in byDistance.indices { byDistance[index] = none }
      for number in 0..<ChunkClass.count {
        let part = ChunkClass(number: UInt8(number))
        let counts = Counts(events: returns.events[part.row + bin], exposure: returns.exposure[part.row + bin])
        all.add(counts)
        byReuse[part.reuses].add(counts)
        byDistance[Self.place(part)].add(counts)
      }
      let root = all.rate(drawnTo: 0.1 / (AgeBin.start(bin) + AgeBin.width(bin) / 2), Self.weights.0)
      for number in 0..<ChunkClass.count {
        let part = ChunkClass(number: UInt8(number))
        let reuse = byReuse[part.reuses].rate(drawnTo: root, Self.weights.1)
        let distance = byDistance[Self.place(part)].rate(drawnTo: reuse, Self.weights.2)
        let own = Counts(events: returns.events[part.row + bin], exposure: returns.exposure[part.row + bin])
        full[part.row + bin] = own.rate(drawnTo: distance, Self.weights.3)
      }
    }
  }

  private static func place(_ part: ChunkClass) -> Int { part.reuses * ChunkClass.distanceCount + part.distance }

  private struct Counts {
    var events: Float
    var exposure: Float

    mutating func add(_ other: Counts) {
      events += other.events
      exposure += other.exposure
    }

    func rate(drawnTo rate: Float, _ weight: Float) -> Float { (events + weight) / (exposure + weight / rate) }
  }
}

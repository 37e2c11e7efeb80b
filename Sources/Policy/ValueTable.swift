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

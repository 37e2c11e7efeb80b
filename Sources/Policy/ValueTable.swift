import Glibc

/// What room for a chunk brings, by its class and age: the hits that it may be expected to bring for the time that it takes.
package struct ValueTable: Sendable {
  /// A row a class, or one for all, and in it the value at the beginning of each bin.
  private let values: [Float]
  /// Classes turned out alike: of chunks of one age none is worth much more than others. What differs is chance then, and going by
  /// it loses to the order of last use: all have the values that they have together, and age alone decides.
  package let areAlike: Bool

  /// Before anything is learnt: the longer ago, the less likely.
  package init() { self.init(Returns()) }

  package init(_ returns: Returns) {
    let rates = Rates(returns)
    let values = Self.values(of: rates.full, rows: ChunkClass.count)
    areAlike =
      returns.eventCount >= PolicyLimits.alikeReturnsMin
      && Self.spread(of: values, returns) < PolicyLimits.alikeSpread
    self.values = areAlike ? Self.values(of: rates.all, rows: 1) : values
  }

  private static func values(of rates: [Float], rows: Int) -> [Float] {
    var values = [Float](repeating: 0, count: rows * AgeBin.count)
    var hazard = [Float](repeating: 0, count: AgeBin.count)
    for number in 0..<rows {
      let row = number * AgeBin.count
      for bin in 0..<AgeBin.count { hazard[bin] = rates[row + bin] }
      for bin in 0..<AgeBin.count { values[row + bin] = best(from: bin, hazard) }
    }
    return values
  }

  /// By how much the values of classes differ at one age, as a deviation of their logarithms. Of classes, those of which more was
  /// watched count more; of ages, those at which more came back.
  private static func spread(of values: [Float], _ returns: Returns) -> Float {
    let (events, exposure) = (returns.events, returns.exposure)
    var (all, deviations): (Float, Float) = (0, 0)
    for bin in 0..<AgeBin.count {
      var (came, weights, sum, squares): (Float, Float, Float, Float) = (0, 0, 0, 0)
      for number in 0..<ChunkClass.count {
        let place = number * AgeBin.count + bin
        let (weight, value) = (exposure[place], log(values[place]))
        came += events[place]
        weights += weight
        sum += weight * value
        squares += weight * value * value
      }
      guard weights > 0 else { continue }
      let mean = sum / weights
      all += came
      deviations += came * max(squares / weights - mean * mean, 0)
    }
    return all > 0 ? (deviations / all).squareRoot() : 0
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
    let row = areAlike ? 0 : chunkClass.row
    let here = values[row + bin]
    guard bin + 1 < AgeBin.count else { return here * AgeBin.start(bin) / max(ticks, 1) }
    let share = (ticks - AgeBin.start(bin)) / AgeBin.width(bin)
    return here + (values[row + bin + 1] - here) * share
  }
}

import Glibc

/// What room for a chunk brings, by its class and age: the hits that it may be expected to bring for the time that it takes.
package struct ValueTable: Sendable {
  /// A row a class, or one for all, and in it the value at the beginning and in the middle of each bin.
  private let values: [Float]
  /// Classes turned out alike: of chunks of one age none is worth much more than others. What differs is chance then, and going by
  /// it loses to the order of last use: all have the values that they have together, and age alone decides.
  package let areAlike: Bool

  private static let parts = 2
  private static let points = parts * AgeBin.count

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

  /// Of all horizons the best: how likely a return before it is, for the time held until then.
  private static func values(of rates: [Float], rows: Int) -> [Float] {
    var values = [Float](repeating: 0, count: rows * points)
    var (lost, held) = ([Float](repeating: 0, count: points), [Float](repeating: 0, count: points))
    for number in 0..<rows {
      for point in 0..<points {
        let width = AgeBin.width(point / parts) / Float(parts)
        let rate = rate(in: point, rates, row: number * AgeBin.count)
        lost[point] = 1 - exp(-rate * width)
        held[point] = rate > 0 ? lost[point] / rate : width
      }
      for first in 0..<points {
        var (alive, returned, time, best): (Float, Float, Float, Float) = (1, 0, 0, 0)
        for point in first..<points {
          returned += alive * lost[point]
          time += alive * held[point]
          alive *= 1 - lost[point]
          best = max(best, returned / time)
        }
        values[number * points + first] = best
      }
    }
    return values
  }

  /// The rate of return in half a bin. That of a bin is meant for its middle, and between two middles it is on the line between them:
  /// a chunk that comes back soon is not worth less because a bin ends that few live beyond.
  private static func rate(in point: Int, _ rates: [Float], row: Int) -> Float {
    let (bin, isFirst) = (point / parts, point % parts == 0)
    let other = isFirst ? max(bin - 1, 0) : min(bin + 1, AgeBin.count - 1)
    let share = AgeBin.width(bin) / 4 / ((AgeBin.width(bin) + AgeBin.width(other)) / 2)
    return rates[row + bin] + (rates[row + other] - rates[row + bin]) * share
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
        let (weight, value) = (exposure[place], log(values[number * points + bin * parts]))
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

  func value(_ chunkClass: ChunkClass, ticks: Float) -> Float {
    let bin = AgeBin.containing(ticks)
    let first = (areAlike ? 0 : Int(chunkClass.number) * Self.points) + bin * Self.parts
    guard bin + 1 < AgeBin.count else { return values[first] * AgeBin.start(bin) / max(ticks, 1) }
    let parts = (ticks - AgeBin.start(bin)) / AgeBin.width(bin) * Float(Self.parts)
    let part = min(Int(parts), Self.parts - 1)
    let here = values[first + part]
    return here + (values[first + part + 1] - here) * (parts - Float(part))
  }
}

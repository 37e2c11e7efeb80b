/// Rates of return by class and bin. A class of which little was seen is drawn to the one that it is a part of: all, by
/// reuses, by reuses and distance, each in turn. How strongly, is learnt as well: where classes turn out alike, what
/// differs between them is chance, and going by it loses to the order of last use.
struct Rates {
  /// A row of bins for each class.
  let full: [Float]
  /// One row for all chunks together.
  let all: [Float]

  /// Before anything is learnt all are drawn to "the longer ago, the less likely", by so many returns a bin.
  private static let rootWeight: Float = 20
  /// How strongly a part may be drawn to the whole, in returns a bin.
  private static let weights: ClosedRange<Float> = 1...300

  init(_ returns: Returns) {
    let own = Counts(returns)
    let byDistance = own.summed(into: ChunkClass.reuseCount * ChunkClass.distanceCount, Self.place)
    let byReuse = own.summed(into: ChunkClass.reuseCount) { ChunkClass(number: UInt8($0)).reuses }
    let together = own.summed(into: 1) { _ in 0 }
    let unlearnt = (0..<AgeBin.count).map { 0.1 / (AgeBin.start($0) + AgeBin.width($0) / 2) }
    all = together.rates(drawnTo: unlearnt, Self.rootWeight) { _ in 0 }
    let reuse = Self.rates(of: byReuse, drawnTo: all) { _ in 0 }
    let distance = Self.rates(of: byDistance, drawnTo: reuse) { $0 / ChunkClass.distanceCount }
    full = Self.rates(of: own, drawnTo: distance, Self.place)
  }

  /// The row of a class among those of its reuses with its distance.
  private static func place(_ number: Int) -> Int {
    let part = ChunkClass(number: UInt8(number))
    return part.reuses * ChunkClass.distanceCount + part.distance
  }

  private static func rates(of parts: Counts, drawnTo wholes: [Float], _ whole: (Int) -> Int) -> [Float] {
    parts.rates(drawnTo: wholes, weight(parts, wholes, whole), whole)
  }

  /// How far what was seen of parts is off what their wholes would have brought tells how far they differ, once what chance
  /// brings is taken off: a number of returns is off by its root. One part that is nothing like the others, as what all prompts
  /// begin with, tells little of those: what is off by more than twice the root, or by more than all, counts as that.
  private static func weight(_ parts: Counts, _ wholes: [Float], _ whole: (Int) -> Int) -> Float {
    var (excess, squares): (Float, Float) = (0, 0)
    for part in 0..<parts.count {
      let (row, rates) = (part * AgeBin.count, whole(part) * AgeBin.count)
      for bin in 0..<AgeBin.count {
        let expected = parts.exposure[row + bin] * wholes[rates + bin]
        let most = max(expected, 2 * expected.squareRoot(), 1)
        let off = min(max(parts.events[row + bin] - expected, -most), most)
        // Where much was seen counts more, though not as its square: a single class would decide.
        excess += (off * off - expected) / (expected + 1)
        squares += expected * expected / (expected + 1)
      }
    }
    guard excess > 0 else { return weights.upperBound }
    return min(max(squares / excess, weights.lowerBound), weights.upperBound)
  }
}

/// What was seen of classes, or of what they are parts of: a row of bins each. All rows are in one place, since values are
/// worked out often where few chunks fit.
private struct Counts {
  let count: Int
  private(set) var events: [Float]
  private(set) var exposure: [Float]

  /// Chunks of a prompt come back together: several that are watched tell little more than one.
  private static let together: Float = 1.1

  init(_ returns: Returns) {
    (count, events, exposure) = (ChunkClass.count, returns.events, returns.exposure)
    for index in events.indices {
      events[index] /= Self.together
      exposure[index] /= Self.together
    }
  }

  private init(count: Int) {
    self.count = count
    events = Array(repeating: 0, count: count * AgeBin.count)
    exposure = events
  }

  func summed(into wholes: Int, _ whole: (Int) -> Int) -> Counts {
    var sums = Counts(count: wholes)
    for part in 0..<count {
      let (from, to) = (part * AgeBin.count, whole(part) * AgeBin.count)
      for bin in 0..<AgeBin.count {
        sums.events[to + bin] += events[from + bin]
        sums.exposure[to + bin] += exposure[from + bin]
      }
    }
    return sums
  }

  func rates(drawnTo wholes: [Float], _ weight: Float, _ whole: (Int) -> Int) -> [Float] {
    var rates = [Float](repeating: 0, count: events.count)
    for part in 0..<count {
      let (row, drawn) = (part * AgeBin.count, whole(part) * AgeBin.count)
      for bin in 0..<AgeBin.count {
        rates[row + bin] = (events[row + bin] + weight) / (exposure[row + bin] + weight / wholes[drawn + bin])
      }
    }
    return rates
  }
}

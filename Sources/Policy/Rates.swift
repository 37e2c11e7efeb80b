/// Rates of return by class and bin. A class of which little was seen is drawn to the one that it is a part of: all, by
/// reuses, by reuses and distance, each in turn. How strongly, is learnt as well: where classes turn out alike, what
/// differs between them is chance, and going by it loses to the order of last use.
struct Rates {
  private(set) var full: [Float] = []

  /// Before anything is learnt all are drawn to "the longer ago, the less likely", by so many returns a bin.
  private static let rootWeight: Float = 20
  /// How strongly a part may be drawn to the whole, in returns a bin.
  private static let weights: ClosedRange<Float> = 1...300

  init(_ returns: Returns) {
    var all = Counts()
    var byReuse = Array(repeating: Counts(), count: ChunkClass.reuseCount)
    var byDistance = Array(repeating: Counts(), count: ChunkClass.reuseCount * ChunkClass.distanceCount)
    let classes = (0..<ChunkClass.count).map { ChunkClass(number: UInt8($0)) }
    let own = classes.map { Counts(returns, $0) }
    for (part, counts) in zip(classes, own) {
      all.add(counts)
      byReuse[part.reuses].add(counts)
      byDistance[Self.place(part)].add(counts)
    }
    let unlearnt = (0..<AgeBin.count).map { 0.1 / (AgeBin.start($0) + AgeBin.width($0) / 2) }
    let root = all.rates(drawnTo: unlearnt, Self.rootWeight)
    let reuse = Self.rates(of: byReuse) { _ in root }
    let distance = Self.rates(of: byDistance) { reuse[$0 / ChunkClass.distanceCount] }
    full = Self.rates(of: own) { distance[Self.place(classes[$0])] }.flatMap { $0 }
  }

  private static func place(_ part: ChunkClass) -> Int { part.reuses * ChunkClass.distanceCount + part.distance }

  /// Of each part by bin, drawn to those of its whole.
  private static func rates(of parts: [Counts], whole: (Int) -> [Float]) -> [[Float]] {
    let weight = weight(parts, whole)
    return parts.indices.map { parts[$0].rates(drawnTo: whole($0), weight) }
  }

  /// How far what was seen of parts is off what their wholes would have brought tells how far they differ, once what chance
  /// brings is taken off: a number of returns is off by its root.
  private static func weight(_ parts: [Counts], _ whole: (Int) -> [Float]) -> Float {
    var (excess, squares): (Float, Float) = (0, 0)
    for index in parts.indices {
      let rates = whole(index)
      for bin in 0..<AgeBin.count {
        let expected = parts[index].exposure[bin] * rates[bin]
        let off = parts[index].events[bin] - expected
        // Where much was seen counts more, though not as its square: a single class would decide.
        excess += (off * off - expected) / (expected + 1)
        squares += expected * expected / (expected + 1)
      }
    }
    guard excess > 0 else { return weights.upperBound }
    return min(max(squares / excess, weights.lowerBound), weights.upperBound)
  }

  private struct Counts {
    private(set) var events = [Float](repeating: 0, count: AgeBin.count)
    private(set) var exposure = [Float](repeating: 0, count: AgeBin.count)

    init() {}

    init(_ returns: Returns, _ part: ChunkClass) {
      events = Array(returns.events[part.row..<part.row + AgeBin.count])
      exposure = Array(returns.exposure[part.row..<part.row + AgeBin.count])
    }

    mutating func add(_ other: Counts) {
      for bin in 0..<AgeBin.count {
        events[bin] += other.events[bin]
        exposure[bin] += other.exposure[bin]
      }
    }

    func rates(drawnTo whole: [Float], _ weight: Float) -> [Float] {
      (0..<AgeBin.count).map { (events[$0] + weight) / (exposure[$0] + weight / whole[$0]) }
    }
  }
}

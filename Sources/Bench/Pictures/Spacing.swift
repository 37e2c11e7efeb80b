enum Spacing {
  /// Moves places apart until all are at least `distance` apart, each as little as possible, in the same order.
  static func apart(_ wanted: [Double], by distance: Double, within range: ClosedRange<Double>) -> [Double] {
    let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
    var clusters: [(sum: Double, members: [Int])] = []
    for index in order {
      clusters.append((wanted[index], [index]))
      while clusters.count > 1, overlap(clusters[clusters.count - 2], clusters[clusters.count - 1], distance) {
        let last = clusters.removeLast()
        clusters[clusters.count - 1].sum += last.sum
        clusters[clusters.count - 1].members += last.members
      }
    }
    var places = wanted
    for cluster in clusters {
      for (rank, index) in cluster.members.enumerated() {
        places[index] = start(cluster, distance) + Double(rank) * distance
      }
    }
    return kept(places, order, distance, within: range)
  }

  private static func start(_ cluster: (sum: Double, members: [Int]), _ distance: Double) -> Double {
    let count = Double(cluster.members.count)
    return cluster.sum / count - (count - 1) * distance / 2
  }

  private static func overlap(
    _ upper: (sum: Double, members: [Int]), _ lower: (sum: Double, members: [Int]), _ distance: Double
  ) -> Bool {
    start(upper, distance) + Double(upper.members.count) * distance > start(lower, distance)
  }

  /// Moves places that left the range back in, from the end where they left.
  private static func kept(
    _ places: [Double], _ order: [Int], _ distance: Double, within range: ClosedRange<Double>
  ) -> [Double] {
    var places = places
    var limit = range.upperBound
    for index in order.reversed() {
      places[index] = min(places[index], limit)
      limit = places[index] - distance
    }
    limit = range.lowerBound
    for index in order {
      places[index] = max(places[index], limit)
      limit = places[index] + distance
    }
    return places
  }
}

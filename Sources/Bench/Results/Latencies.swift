/// Counts of durations in buckets a 1/64 wide, so that a percentile is off by less than a hundredth.
package struct Latencies: Equatable, Sendable {
  private static let bucketsPerOctave = 64
  static let bucketCount = 40 * bucketsPerOctave
  private var counts: [UInt64]
  package private(set) var total: Int
  package private(set) var largest: UInt64
  package private(set) var sum: Double

  package init() { self.init(counts: [UInt64](repeating: 0, count: Self.bucketCount), sum: 0, largest: 0) }

  init(counts: [UInt64], sum: Double, largest: UInt64) {
    self.counts = counts
    self.sum = sum
    self.largest = largest
    total = Int(counts.reduce(0, +))
  }

  package mutating func record(_ nanoseconds: UInt64, count: Int = 1) {
    counts[Self.bucket(of: nanoseconds)] += UInt64(count)
    total += count
    sum += Double(nanoseconds) * Double(count)
    largest = max(largest, nanoseconds)
  }

  package mutating func merge(_ other: Latencies) {
    for index in counts.indices { counts[index] += other.counts[index] }
    total += other.total
    sum += other.sum
    largest = max(largest, other.largest)
  }

  /// The duration in nanoseconds that the given share of records does not exceed.
  package func percentile(_ share: Double) -> Double {
    var left = Int((Double(total) * share).rounded(.up))
    for (index, count) in counts.enumerated() {
      left -= Int(count)
      if left <= 0 { return min(Self.middle(of: index), Double(largest)) }
    }
    return Double(largest)
  }

  package var mean: Double { total == 0 ? 0 : sum / Double(total) }

  /// The buckets in use, shortest first: the middle of the bucket in nanoseconds, and its count.
  package var filled: [(nanoseconds: Double, count: Int)] {
    counts.enumerated().compactMap { $1 == 0 ? nil : (Self.middle(of: $0), Int($1)) }
  }

  static func bucket(of value: UInt64) -> Int {
    LogarithmicBuckets.index(of: value, perOctave: bucketsPerOctave, count: bucketCount)
  }

  private static func middle(of bucket: Int) -> Double {
    LogarithmicBuckets.middle(of: bucket, perOctave: bucketsPerOctave)
  }
}

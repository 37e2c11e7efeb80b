/// Counts of durations in buckets a 1/64 wide, so that a percentile is off by less than a hundredth.
package struct Latencies: Sendable {
  package static let bucketsPerOctave = 64
  package static let bucketCount = 40 * bucketsPerOctave
  private static let shift = 6
  private var counts = [UInt64](repeating: 0, count: bucketCount)
  package private(set) var total = 0
  package private(set) var largest: UInt64 = 0
  package private(set) var sum = 0.0

  package init() {}

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

  /// The duration in nanoseconds that the given share of records does not pass.
  package func percentile(_ share: Double) -> Double {
    var left = Int((Double(total) * share).rounded(.up))
    for (index, count) in counts.enumerated() {
      left -= Int(count)
      if left <= 0 { return min(Self.middle(of: index), Double(largest)) }
    }
    return Double(largest)
  }

  package var mean: Double { total == 0 ? 0 : sum / Double(total) }

  /// Buckets that hold something, shortest first: the middle of the bucket in nanoseconds, and how many.
  package var filled: [(nanoseconds: Double, count: Int)] {
    counts.enumerated().compactMap { $1 == 0 ? nil : (Self.middle(of: $0), Int($1)) }
  }

  static func bucket(of value: UInt64) -> Int {
    guard value >= UInt64(bucketsPerOctave) else { return Int(value) }
    let octave = UInt64.bitWidth - 1 - value.leadingZeroBitCount - shift
    return min((octave + 1) * bucketsPerOctave + Int(value >> UInt64(octave)) - bucketsPerOctave, bucketCount - 1)
  }

  private static func middle(of bucket: Int) -> Double {
    guard bucket >= bucketsPerOctave else { return Double(bucket) }
    let octave = bucket / bucketsPerOctave - 1
    let low = UInt64(bucket % bucketsPerOctave + bucketsPerOctave) << UInt64(octave)
    return Double(low) + Double(UInt64(1) << UInt64(octave)) / 2
  }
}

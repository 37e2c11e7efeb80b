/// Counts of durations in buckets a 1/64 wide: of one size from the start, so recording never allocates.
struct Histogram {
  private static let bucketsPerOctave = 64
  private static let shift = 6
  private var counts = [UInt32](repeating: 0, count: 40 * bucketsPerOctave)
  private(set) var total = 0
  private(set) var largest: UInt64 = 0

  mutating func record(_ nanoseconds: UInt64) {
    counts[min(Self.bucket(of: nanoseconds), counts.count - 1)] += 1
    total += 1
    largest = max(largest, nanoseconds)
  }

  mutating func merge(_ other: Histogram) {
    for index in counts.indices { counts[index] += other.counts[index] }
    total += other.total
    largest = max(largest, other.largest)
  }

  mutating func clear() {
    for index in counts.indices { counts[index] = 0 }
    total = 0
    largest = 0
  }

  /// The duration in nanoseconds that the given share of records does not pass.
  func percentile(_ share: Double) -> Double {
    var left = Int((Double(total) * share).rounded(.up))
    for (index, count) in counts.enumerated() {
      left -= Int(count)
      if left <= 0 { return min(Self.middle(of: index), Double(largest)) }
    }
    return Double(largest)
  }

  private static func bucket(of value: UInt64) -> Int {
    guard value >= UInt64(bucketsPerOctave) else { return Int(value) }
    let octave = UInt64.bitWidth - 1 - value.leadingZeroBitCount - shift
    return (octave + 1) * bucketsPerOctave + Int(value >> UInt64(octave)) - bucketsPerOctave
  }

  private static func middle(of bucket: Int) -> Double {
    guard bucket >= bucketsPerOctave else { return Double(bucket) }
    let octave = bucket / bucketsPerOctave - 1
    let low = UInt64(bucket % bucketsPerOctave + bucketsPerOctave) << UInt64(octave)
    return Double(low) + Double(UInt64(1) << UInt64(octave)) / 2
  }
}

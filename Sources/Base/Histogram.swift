/// Durations by powers of two of a microsecond, written by one thread and read by any.
package struct Histogram: ~Copyable, @unchecked Sendable {
  /// 1 µs, 2 µs, … 33 s; what is longer falls beyond the last bound.
  package static let boundCount = 26
  package static func boundNanoseconds(_ index: Int) -> UInt64 { 1000 << UInt64(index) }

  private let buckets: UnsafeMutablePointer<Counter>
  private let total = Counter()

  package init() {
    buckets = .allocate(capacity: Self.boundCount + 1)
    for position in 0...Self.boundCount { (buckets + position).initialize(to: Counter()) }
  }

  deinit {
    buckets.deinitialize(count: Self.boundCount + 1)
    buckets.deallocate()
  }

  package func record(nanoseconds: UInt64, count: Int = 1) {
    buckets[Self.bucket(of: nanoseconds)].add(count)
    total.add(Int(truncatingIfNeeded: nanoseconds) &* count)
  }

  /// The number of durations up to the bound with this index; `boundCount` stands for all.
  package func cumulative(upTo index: Int) -> UInt64 {
    (0...index).reduce(0) { $0 + buckets[$1].value }
  }

  /// Durations by the bound that is the first not below them; the last are those beyond all bounds.
  package typealias Counts = InlineArray<27, UInt64>

  /// Allocates nothing, whatever the build.
  package func add(to counts: inout Counts) {
    precondition(counts.count == Self.boundCount + 1)
    var bound = 0
    while bound <= Self.boundCount {
      counts[bound] += buckets[bound].value
      bound += 1
    }
  }

  package var sumNanoseconds: UInt64 { total.value }

  /// The first bound that is not below the duration.
  static func bucket(of nanoseconds: UInt64) -> Int {
    guard nanoseconds > 1000 else { return 0 }
    let steps = (nanoseconds - 1) / 1000
    return min(UInt64.bitWidth - steps.leadingZeroBitCount, boundCount)
  }
}

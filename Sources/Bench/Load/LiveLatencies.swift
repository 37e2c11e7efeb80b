import Base
import Synchronization

/// Latencies, recorded by one thread while another reads them. Never allocates.
struct LiveLatencies: ~Copyable, @unchecked Sendable {
  private let buckets: UnsafeMutablePointer<Counter>
  private let sum = Counter()
  private let largest = Atomic<UInt64>(0)

  init() {
    buckets = .allocate(capacity: Latencies.bucketCount)
    for index in 0..<Latencies.bucketCount { (buckets + index).initialize(to: Counter()) }
  }

  deinit {
    buckets.deinitialize(count: Latencies.bucketCount)
    buckets.deallocate()
  }

  func record(_ nanoseconds: UInt64) {
    buckets[Latencies.bucket(of: nanoseconds)].add()
    sum.add(Int(nanoseconds))
    if nanoseconds > largest.load(ordering: .relaxed) { largest.store(nanoseconds, ordering: .relaxed) }
  }

  var snapshot: Latencies {
    Latencies(
      counts: (0..<Latencies.bucketCount).map { buckets[$0].value }, sum: Double(sum.value),
      largest: largest.load(ordering: .relaxed))
  }
}

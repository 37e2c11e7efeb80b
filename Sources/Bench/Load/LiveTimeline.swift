import Base

/// Speed and latency over time, written during the run. When time outgrows the slots, neighbouring slots are joined and
/// each stands for twice as long, so a long case needs no more memory than a short one.
struct LiveTimeline: ~Copyable {
  static let bucketsPerOctave = 16
  private static let bucketCount = 40 * bucketsPerOctave
  private static let slotCount = Limits.benchTimelineSlots

  private struct Slot {
    var operations = 0
    var bytes = 0
    var largest: UInt64 = 0
  }

  private let slots: UnsafeMutablePointer<Slot>
  private let buckets: UnsafeMutablePointer<UInt32>
  private(set) var slotNanoseconds: UInt64
  private var used = 0

  init(slotNanoseconds: UInt64) {
    self.slotNanoseconds = max(1, slotNanoseconds)
    slots = .allocate(capacity: Self.slotCount)
    slots.initialize(repeating: Slot(), count: Self.slotCount)
    buckets = .allocate(capacity: Self.slotCount * Self.bucketCount)
    buckets.initialize(repeating: 0, count: Self.slotCount * Self.bucketCount)
  }

  deinit {
    slots.deallocate()
    buckets.deallocate()
  }

  mutating func record(_ nanoseconds: UInt64, bytes: Int, at time: UInt64) {
    var index = Int(time / slotNanoseconds)
    while index >= Self.slotCount {
      widen()
      index = Int(time / slotNanoseconds)
    }
    used = max(used, index + 1)
    slots[index].operations += 1
    slots[index].bytes += bytes
    slots[index].largest = max(slots[index].largest, nanoseconds)
    buckets[index * Self.bucketCount + Self.bucket(of: nanoseconds)] += 1
  }

  /// Widens the slots to another timeline's width, so that the two can be added.
  mutating func widen(to wanted: UInt64) {
    while slotNanoseconds < wanted { widen() }
  }

  mutating func add(_ other: borrowing LiveTimeline) {
    precondition(slotNanoseconds == other.slotNanoseconds, "slots of one width are added up")
    used = max(used, other.used)
    for index in 0..<other.used { join(other.slots, other.buckets, index, into: index) }
  }

  var snapshot: Timeline {
    let points = (0..<used).map { index in
      Timeline.Point(
        seconds: Double(UInt64(index) * slotNanoseconds) / 1e9, operations: slots[index].operations,
        bytes: slots[index].bytes, half: percentile(0.5, of: index), most99: percentile(0.99, of: index),
        largest: Double(slots[index].largest))
    }
    return Timeline(pointSeconds: Double(slotNanoseconds) / 1e9, points: points)
  }

  private mutating func widen() {
    for index in 0..<Self.slotCount {
      if index > 0 { clear(index) }
      if index * 2 < Self.slotCount {
        if index > 0 { join(slots, buckets, index * 2, into: index) }
        join(slots, buckets, index * 2 + 1, into: index)
      }
    }
    slotNanoseconds *= 2
    used = (used + 1) / 2
  }

  private func join(
    _ slots: UnsafeMutablePointer<Slot>, _ buckets: UnsafeMutablePointer<UInt32>, _ source: Int, into target: Int
  ) {
    self.slots[target].operations += slots[source].operations
    self.slots[target].bytes += slots[source].bytes
    self.slots[target].largest = max(self.slots[target].largest, slots[source].largest)
    for bucket in 0..<Self.bucketCount {
      self.buckets[target * Self.bucketCount + bucket] += buckets[source * Self.bucketCount + bucket]
    }
  }

  private func clear(_ index: Int) {
    slots[index] = Slot()
    for bucket in 0..<Self.bucketCount { buckets[index * Self.bucketCount + bucket] = 0 }
  }

  private func percentile(_ share: Double, of index: Int) -> Double {
    var left = Int((Double(slots[index].operations) * share).rounded(.up))
    guard left > 0 else { return 0 }
    for bucket in 0..<Self.bucketCount {
      left -= Int(buckets[index * Self.bucketCount + bucket])
      if left <= 0 { return min(Self.middle(of: bucket), Double(slots[index].largest)) }
    }
    return Double(slots[index].largest)
  }

  private static func bucket(of value: UInt64) -> Int {
    LogarithmicBuckets.index(of: value, perOctave: bucketsPerOctave, count: bucketCount)
  }

  private static func middle(of bucket: Int) -> Double {
    LogarithmicBuckets.middle(of: bucket, perOctave: bucketsPerOctave)
  }
}

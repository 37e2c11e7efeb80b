import Base

/// By what chunks and requests are counted.
package enum UsageGroup: Int, CaseIterable, Sendable {
  case model, tag, client

  var places: Int {
    switch self {
    case .model: Limits.modelPlaces
    case .tag: Limits.tagPlaces
    case .client: Limits.clientPlaces
    }
  }

  fileprivate var firstPlace: Int {
    switch self {
    case .model: 0
    case .tag: Limits.modelPlaces
    case .client: Limits.modelPlaces + Limits.tagPlaces
    }
  }

  static let placesTogether = Limits.modelPlaces + Limits.tagPlaces + Limits.clientPlaces
}

/// What is counted for each.
package enum UsageCount: Int, CaseIterable, Sendable {
  case lookupsFound, lookupsMissed
  case fetchesFound, fetchesMissed, fetchedBytes
  case puts, putBytes
  /// Of a client alone: what it fetched of its own and of others, and what others fetched of its.
  case fetchedOwn, fetchedOthers, fetchedByOthers

  static let count = 10
}

/// The counters of all lanes, each lane writing its own.
final class UsageCounters: @unchecked Sendable {
  private let counters: UnsafeMutablePointer<Counter>
  private let laneCount: Int
  private static let countersPerLane = UsageGroup.placesTogether * UsageCount.count

  static func bytes(laneCount: Int) -> Int { laneCount * countersPerLane * MemoryLayout<Counter>.stride }

  init(laneCount: Int) {
    precondition(UsageCount.allCases.count == UsageCount.count)
    self.laneCount = laneCount
    counters = .allocate(capacity: laneCount * Self.countersPerLane)
    for index in 0..<laneCount * Self.countersPerLane { (counters + index).initialize(to: Counter()) }
  }

  deinit {
    counters.deinitialize(count: laneCount * Self.countersPerLane)
    counters.deallocate()
  }

  func tally(ofLane lane: Int) -> UsageTally { UsageTally(counters: counters + lane * Self.countersPerLane) }

  func sum(_ group: UsageGroup, _ place: Int, _ count: UsageCount) -> UInt64 {
    var sum: UInt64 = 0
    for lane in 0..<laneCount { sum += tally(ofLane: lane)[group, UInt8(place), count].value }
    return sum
  }
}

/// One lane's counters.
struct UsageTally: @unchecked Sendable {
  fileprivate let counters: UnsafeMutablePointer<Counter>

  @inline(__always)
  fileprivate subscript(group: UsageGroup, place: UInt8, count: UsageCount) -> Counter {
    unsafeAddress {
      UnsafePointer(counters + (group.firstPlace + Int(place)) * UsageCount.count + count.rawValue)
    }
  }

  @inline(__always)
  func add(_ count: UsageCount, _ group: UsageGroup, _ place: UInt8, _ amount: Int = 1) {
    self[group, place, count].add(amount)
  }

  /// For the model and the tag of a chunk, and for a client.
  @inline(__always)
  func add(_ count: UsageCount, of marks: UsageMarks, by client: UInt8, _ amount: Int = 1) {
    add(count, .model, marks.model, amount)
    add(count, .tag, marks.tag, amount)
    add(count, .client, client, amount)
  }
}

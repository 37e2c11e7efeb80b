import Base
import Synchronization

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
  /// Of which models each client has written, a bit for each. Written and read by all without a lock.
  private let models: UnsafeMutablePointer<Atomic<UInt64>>
  /// How many tokens a chunk of each model has, as the last one said.
  private let tokens: UnsafeMutablePointer<Atomic<UInt32>>
  private let laneCount: Int
  private static let countersPerLane = UsageGroup.placesTogether * UsageCount.count

  static func bytes(laneCount: Int) -> Int {
    laneCount * countersPerLane * MemoryLayout<Counter>.stride
      + Limits.clientPlaces * MemoryLayout<Atomic<UInt64>>.stride
      + Limits.modelPlaces * MemoryLayout<Atomic<UInt32>>.stride
  }

  init(laneCount: Int) {
    precondition(UsageCount.allCases.count == UsageCount.count)
    self.laneCount = laneCount
    counters = .allocate(capacity: laneCount * Self.countersPerLane)
    for index in 0..<laneCount * Self.countersPerLane { (counters + index).initialize(to: Counter()) }
    models = .allocate(capacity: Limits.clientPlaces)
    for client in 0..<Limits.clientPlaces { (models + client).initialize(to: Atomic(0)) }
    tokens = .allocate(capacity: Limits.modelPlaces)
    for model in 0..<Limits.modelPlaces { (tokens + model).initialize(to: Atomic(0)) }
  }

  deinit {
    counters.deinitialize(count: laneCount * Self.countersPerLane)
    counters.deallocate()
    models.deinitialize(count: Limits.clientPlaces)
    models.deallocate()
    tokens.deinitialize(count: Limits.modelPlaces)
    tokens.deallocate()
  }

  /// Seldom the first of its model: then nothing is written.
  func noteWrite(ofModel model: UInt8, by client: UInt8) {
    let bit = UInt64(1) << UInt64(model)
    guard models[Int(client)].load(ordering: .relaxed) & bit == 0 else { return }
    _ = models[Int(client)].bitwiseOr(bit, ordering: .relaxed)
  }

  /// Nearly always what is known: then nothing is written.
  func noteTokens(_ count: UInt32, ofModel model: UInt8) {
    let known = tokens[Int(model)].load(ordering: .relaxed)
    if known != count { tokens[Int(model)].store(count, ordering: .relaxed) }
  }

  func tokensEach(ofModel model: Int) -> Int? {
    guard model > Int(NameTable.othersPlace) else { return nil }
    let known = tokens[model].load(ordering: .relaxed)
    return known == 0 ? nil : Int(known)
  }

  func modelsWritten(by client: Int) -> UInt64 { models[client].load(ordering: .relaxed) }

  /// A place is given to another name.
  func forgetWrites(_ group: UsageGroup, _ place: Int) {
    switch group {
    case .tag: return
    case .client: models[place].store(0, ordering: .relaxed)
    case .model:
      tokens[place].store(0, ordering: .relaxed)
      for client in 0..<Limits.clientPlaces {
        _ = models[client].bitwiseAnd(~(1 << UInt64(place)), ordering: .relaxed)
      }
    }
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

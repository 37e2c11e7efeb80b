/// A closed loop over new values, each stored, read twice and never used again, in a full store: each takes the place
/// of an older value.
final class ChurnFeed: Feed {
  let fillsGaps = false
  let waitsForClock = false
  private let stride: Int
  private var nextKey: Int
  /// By connection: the current value, and how often it was read.
  private var keys: [Int]
  private var reads: [Int]
  private var deadline: UInt64 = 0
  private var left = 0
  private static let readsEach = 2
  /// Requests for one value.
  static let requestsEach = 1 + readsEach

  /// With `stride` lanes, each takes every `stride`th key.
  init(firstKey: Int, stride: Int, connections: Int) {
    self.stride = stride
    nextKey = firstKey
    keys = Array(repeating: 0, count: connections)
    reads = Array(repeating: Self.readsEach, count: connections)
  }

  func begin(_ span: RoundSpan, at now: UInt64) {
    switch span {
    case .nanoseconds(let length): (deadline, left) = (now + length, Int.max)
    case .count(let count): (deadline, left) = (UInt64.max, count)
    }
  }

  /// Requests on one connection are served in order, so a read may follow its PUT at once.
  func next(for connection: Int, at now: UInt64) -> Job? {
    guard left > 0, now < deadline else { return nil }
    left -= 1
    if reads[connection] < Self.readsEach {
      reads[connection] += 1
      return Job(.get, key: keys[connection], due: now)
    }
    keys[connection] = nextKey
    nextKey += stride
    reads[connection] = 0
    return Job(.put, key: keys[connection], due: now)
  }

  func ended(_ job: Job, on connection: Int, wasThere: Bool, at now: UInt64) {}
  func nextDue(at now: UInt64) -> UInt64? { nil }
  func end(at now: UInt64) {}
}

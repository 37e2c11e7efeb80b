import Base
import Bench
import Store

/// What a store finds of a load: the store of the server, with its policy, its promises, its grace, and values that are as
/// small as they can be.
final class Replay {
  /// A value takes a unit of memory, and a record.
  private static let valueBytes = 4000

  private let store: Store
  private let lane: Lane
  private var now: UInt64 = 1_000_000_000
  private var houseKept: UInt64 = 0
  private var requestsSince = 0
  private(set) var found = 0
  private(set) var asked = 0

  /// With room for so many chunks.
  init(policy: EvictionPolicy, room: Int, leaseSeconds: Int) throws(StoreFailure) {
    // What else the store takes shows when it is full.
    var bytes = Limits.storeBytesMin * 2 + room * 5000
    for _ in 0..<3 {
      let full = try Self.fill(Self.store(policy, bytes: bytes, leaseSeconds: 0), room: 2 * room)
      bytes += (room - full) * 4700
    }
    store = try Self.store(policy, bytes: bytes, leaseSeconds: leaseSeconds)
    lane = store.lane(0)
  }

  private static func store(_ policy: EvictionPolicy, bytes: Int, leaseSeconds: Int) throws(StoreFailure) -> Store {
    var configuration = StoreConfiguration(budgetBytes: bytes, leaseSeconds: leaseSeconds, hashSeed: 1, clientsMax: 16)
    configuration.policy = policy
    return try Store(configuration)
  }

  /// How many of so many chunks stay.
  private static func fill(_ store: Store, room: Int) -> Int {
    var burst = TouchBurst()
    for number in 0..<room {
      put(number, into: store, now: UInt64(number) * 1_000_000, burst: &burst)
    }
    return store.snapshot().objects
  }

  // MARK: Requests

  /// A client's prompts come one after the other.
  struct Client {
    fileprivate var burst = TouchBurst()
    init() {}
  }

  /// One that is served: it asks for its chunks up to the first that is not there, fetches what is, and stores the rest, as an
  /// engine does.
  private struct Work {
    enum Phase { case asking, fetching, storing, done }
    let prompt: [Int]
    var phase = Phase.asking
    var here = 0
    var next = 0
  }

  /// Prompts that one client has under way at once, a step of each in turn.
  func serve(_ prompts: [[Int]], by client: inout Client, at time: UInt64) {
    now = max(now, time)
    var works = prompts.map { Work(prompt: $0) }
    for prompt in prompts { asked += prompt.count }
    while works.contains(where: { $0.phase != .done }) {
      for index in works.indices { advance(&works[index], &client.burst) }
    }
    keepHouse()
  }

  private func advance(_ work: inout Work, _ burst: inout TouchBurst) {
    switch work.phase {
    case .asking where work.here < work.prompt.count && exists(work.prompt[work.here], &burst): work.here += 1
    case .asking: work.phase = .fetching
    case .fetching where work.next < work.here && fetches(work.prompt[work.next], &burst):
      found += 1
      work.next += 1
    case .fetching: (work.phase, work.next) = (.storing, work.here)
    case .storing where work.next < work.prompt.count:
      Self.put(work.prompt[work.next], into: store, now: now, burst: &burst)
      work.next += 1
    case .storing, .done: work.phase = .done
    }
  }

  /// As a worker does, four times a second; a load that comes as fast as it goes brings some hundred requests in that time.
  private func keepHouse() {
    requestsSince += 1
    guard requestsSince == 300 || now >= houseKept + 250_000_000 else { return }
    (requestsSince, houseKept) = (0, now)
    lane.flush(now: now)
  }

  var brokenPromises: Int { Int(lane.counters.leasesBroken.value) }

  private func exists(_ number: Int, _ burst: inout TouchBurst) -> Bool {
    Self.withKey(number) { lane.exists(key: $0, kind: .plain, now: now, burst: &burst) }
  }

  private func fetches(_ number: Int, _ burst: inout TouchBurst) -> Bool {
    Self.withKey(number) { key in
      switch lane.find(key: key, kind: .plain, now: now, burst: &burst) {
      case .memory: true
      case .absent: false
      }
    }
  }

  private static func put(_ number: Int, into store: Store, now: UInt64, burst: inout TouchBurst) {
    withKey(number) { key in
      guard var reservation = store.lane(0).begin(key: key, length: valueBytes, meta: nil, now: now) else { return }
      while true {
        switch reservation.extend(to: valueBytes, now: now) {
        case .ready:
          // Nobody reads the bytes.
          reservation.advance(by: valueBytes, now: now)
          reservation.publish(now: now, burst: &burst)
          return
        case .wait: _ = store.populateAhead()
        case .drop(let reason):
          reservation.abandon(reason)
          return
        }
      }
    }
  }

  private static func withKey<Result>(_ number: Int, _ body: (RawSpan) -> Result) -> Result {
    let key = Array("model@1@0@\(String(number, radix: 16))@bfloat16".utf8)
    return body(key.span.bytes)
  }
}

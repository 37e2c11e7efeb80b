import Base
import Bench
import Policy
import Store

/// What a store finds of a load: the store of the server, with its policy, its promises, its grace, and values that are as
/// small as they can be.
final class Replay {
  /// A value takes a unit of memory, and a record.
  private static let valueBytes = 4000
  /// How closely memory is tried out: less than half of what sixteen values take.
  private static let trialBytes = 16 * 1024

  private let store: Store
  private let lane: Lane
  private let ranks: Int
  private var now: UInt64 = 1_000_000_000
  private var houseKept: UInt64 = 0
  private var requestsSince = 0
  private(set) var found = 0
  private(set) var asked = 0

  /// With room for so many chunks, of which each rank has a part.
  init(policy: EvictionPolicy, room: Int, ranks: Int, leaseSeconds: Int) throws(StoreFailure) {
    self.ranks = ranks
    let values = room * ranks
    func fitting(_ bytes: Int) throws(StoreFailure) -> Int {
      try Self.fill(Self.store(policy, bytes: bytes, leaseSeconds: 0), values: 2 * values)
    }
    // What else the store takes shows when it is full. It takes memory in steps of sixteen values: all policies get the first
    // with room for all, and half a step, so that what a load takes beside its values does not cost sixteen.
    var bytes = Limits.storeBytesMin * 2 + values * 5000
    for _ in 0..<3 { bytes += (values - (try fitting(bytes))) * 4700 }
    while try fitting(bytes) < values { bytes += Self.trialBytes }
    while try fitting(bytes - Self.trialBytes) >= values { bytes -= Self.trialBytes }
    bytes += 2 * Self.trialBytes
    store = try Self.store(policy, bytes: bytes, leaseSeconds: leaseSeconds)
    lane = store.lane(0)
  }

  private static func store(_ policy: EvictionPolicy, bytes: Int, leaseSeconds: Int) throws(StoreFailure) -> Store {
    var configuration = StoreConfiguration(budgetBytes: bytes, leaseSeconds: leaseSeconds, hashSeed: 1, clientsMax: 16)
    configuration.policy = policy
    return try Store(configuration)
  }

  /// How many of so many values stay.
  private static func fill(_ store: Store, values: Int) -> Int {
    var burst = TouchBurst()
    for number in 0..<values {
      put(number, rank: 0, of: 1, into: store, now: UInt64(number) * 1_000_000, burst: &burst)
    }
    return store.snapshot().objects
  }

  // MARK: Requests

  /// A client: a connection for each of its ranks, and one more if it looks up by one of its own.
  struct Client {
    fileprivate var bursts: [TouchBurst]
    fileprivate let asks: Int

    init(_ number: Int, ranks: Int, looksUpApart: Bool) {
      bursts = (0...ranks).map { index in
        TouchBurst(asker: Asker(identity: UInt64(number + 1), connection: number * (ranks + 1) + index))
      }
      asks = looksUpApart ? ranks : 0
    }
  }

  /// A prompt that is served: its client asks for its chunks up to the first that is not there, fetches what is, and stores the
  /// rest, as an engine does. It asks for one rank's, and each rank fetches and stores its own.
  private struct Work {
    enum Phase: Int { case asking, fetching, storing, done }
    let prompt: [Int]
    var phase = Phase.asking
    var here = 0
    var next = 0
    /// Of one that has all ranks.
    var isWhole = true
  }

  /// Prompts that one client has under way at once. A step of each in turn; with a connection for look-ups, it asks for one after
  /// the other, fetches one after the other, and stores in turn.
  func serve(_ prompts: [[Int]], by client: inout Client, at time: UInt64) {
    now = max(now, time)
    var works = prompts.map { Work(prompt: $0) }
    for prompt in prompts { asked += prompt.count }
    if client.asks == ranks {
      for phase in [Work.Phase.asking, .fetching] {
        for index in works.indices {
          while works[index].phase == phase { advance(&works[index], &client) }
        }
      }
    }
    while works.contains(where: { $0.phase != .done }) {
      for index in works.indices { advance(&works[index], &client) }
    }
    keepHouse()
  }

  /// Clients that work at the same time: a step of each in turn, and the next prompt for the one that has done its own.
  func serve(_ requests: [Request], by clients: inout [Client], speed: Int) {
    var works = [Work](repeating: Work(prompt: [], phase: .done), count: clients.count)
    var next = 0
    while next < requests.count || works.contains(where: { $0.phase != .done }) {
      for index in clients.indices {
        if works[index].phase == .done, next < requests.count {
          now = max(now, UInt64(requests[next].milliseconds * 1_000_000) / UInt64(speed))
          works[index] = Work(prompt: requests[next].chunks)
          asked += requests[next].chunks.count
          next += 1
          keepHouse()
        }
        if works[index].phase != .done { advance(&works[index], &clients[index]) }
      }
    }
  }

  private func advance(_ work: inout Work, _ client: inout Client) {
    switch work.phase {
    case .asking where work.here < work.prompt.count && exists(work.prompt[work.here], &client): work.here += 1
    case .asking: work.phase = .fetching
    case .fetching where work.next < work.here:
      work.isWhole = fetches(work.prompt[work.next], &client) && work.isWhole
      if work.isWhole { found += 1 }
      work.next += 1
    case .fetching: (work.phase, work.next) = (.storing, work.here)
    case .storing where work.next < work.prompt.count:
      for rank in 0..<ranks {
        Self.put(
          work.prompt[work.next], rank: rank, of: ranks, into: store, now: now, burst: &client.bursts[rank])
      }
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

  var knowledge: Knowledge? {
    get { store.knowledge }
    set { if let newValue { store.adopt(newValue) } }
  }

  var brokenPromises: Int { Int(lane.counters.leasesBroken.value) }

  private func exists(_ number: Int, _ client: inout Client) -> Bool {
    Self.withKey(number, rank: 0, of: ranks) {
      lane.exists(key: $0, kind: .plain, now: now, burst: &client.bursts[client.asks])
    }
  }

  /// By all ranks.
  private func fetches(_ number: Int, _ client: inout Client) -> Bool {
    var isWhole = true
    for rank in 0..<ranks {
      Self.withKey(number, rank: rank, of: ranks) { key in
        switch lane.find(key: key, kind: .plain, now: now, burst: &client.bursts[rank]) {
        case .memory: break
        case .absent: isWhole = false
        case .disk: preconditionFailure("there is none")
        }
      }
    }
    return isWhole
  }

  private static func put(
    _ number: Int, rank: Int, of ranks: Int, into store: Store, now: UInt64, burst: inout TouchBurst
  ) {
    withKey(number, rank: rank, of: ranks) { key in
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

  private static func withKey<Result>(
    _ number: Int, rank: Int, of ranks: Int, _ body: (RawSpan) -> Result
  ) -> Result {
    let key = Array("model@\(ranks)@\(rank)@\(String(number, radix: 16))@bfloat16".utf8)
    return body(key.span.bytes)
  }
}

import Base
import Glibc

/// One case with everything that its rigs need.
struct CasePlan {
  let options: Options
  let sizes: SizeMix
  let connections: Int
  let depth: Int
  /// Arrivals a second.
  let rate: Double?
  let keySpace: KeySpace
  let keys: Int
  let prompts: Prompts?

  /// Every combination of the options given as lists.
  static func all(_ options: Options) throws(Failure) -> [CasePlan] {
    let salt = options.session.salt ?? MonotonicClock.now() &* 0x9E37_79B9_7F4A_7C15
    var prompts: Prompts?
    if options.workload == .session { prompts = try Self.prompts(options) }
    var plans: [CasePlan] = []
    let rates: [Double?] = options.rates.isEmpty ? [nil] : options.rates
    for sizes in options.sizes {
      for connections in options.connections {
        for depth in options.depths {
          for rate in rates {
            // Each case of a session has its own salt, so it finds nothing that another stored.
            let space = keySpace(options, sizes, salt: salt &+ UInt64(plans.count))
            plans.append(
              CasePlan(
                options: options, sizes: sizes, connections: connections, depth: depth, rate: rate, keySpace: space,
                keys: keys(options, space, prompts), prompts: prompts))
          }
        }
      }
    }
    return plans
  }

  var title: String {
    let size = options.model?.name ?? sizes.shares.map { ByteSize.text($0.bytes) }.joined(separator: "+")
    return "\(options.workload.rawValue) \(size), \(connections) conn, depth \(depth)"
  }

  /// The case with no results yet.
  var emptyCase: Case {
    let isBeside = options.workload == .existBeside
    return Case(
      workload: options.workload, sizes: sizes, connections: isBeside ? 1 : connections, depth: depth,
      threads: options.threads, arrivalsPerSecond: rate, model: options.model?.name,
      mix: options.workload == .mixed ? options.mix : nil, beside: isBeside ? options.beside : nil, keys: keys)
  }

  /// The length of a round; with `lanes`, the share of one lane.
  func span(round: Int, lane: Int = 0, lanes: Int = 1) -> RoundSpan {
    if let prompts { return .count(share(prompts.count, round, options.rounds)) }
    if options.workload == .fill { return .count(share(keys, lane, lanes)) }
    if let count = options.count { return .count(share(count, lane, lanes)) }
    return .nanoseconds(UInt64(options.seconds * 1e9))
  }

  /// The number of connections that receive values.
  var receivers: Int { options.workload == .existBeside ? options.beside.connections : connections }

  var mayGet: Bool {
    switch options.workload {
    case .session, .churn: true
    case .existBeside: options.beside.operation == .get
    case .get, .put, .fill, .exist, .mixed: options.mix.get > 0
    }
  }

  /// The keys that exist for the whole case: each round of fill has its own.
  var allKeys: Range<Int> {
    options.firstKey..<options.firstKey + keys * (options.workload == .fill ? options.rounds : 1)
  }

  /// The share of one of `count`, when `total` is spread as evenly as possible.
  func share(_ total: Int, _ index: Int, _ count: Int) -> Int {
    (index + 1) * total / count - index * total / count
  }

  private static func keySpace(_ options: Options, _ sizes: SizeMix, salt: UInt64) -> KeySpace {
    // Unless values must be new, a later call with the same options uses the same keys.
    let isNew = options.workload == .session || options.workload == .churn
    if let model = options.model { return KeySpace(parts: model.parts, salt: isNew ? salt : 0) }
    return isNew ? KeySpace(sizes: sizes, salt: salt) : KeySpace(sizes: sizes)
  }

  private static func keys(_ options: Options, _ space: KeySpace, _ prompts: Prompts?) -> Int {
    if let prompts { return prompts.distinctChunks * space.partsPerChunk }
    return options.keys ?? max(16, min(1024, Int(Double(512 << 20) / space.meanBytes)))
  }

  private static func prompts(_ options: Options) throws(Failure) -> Prompts {
    let session = options.session
    let chunkTokens = ModelLayout.chunkTokens
    guard let path = session.tracePath else {
      var prompts = session.conversations.prompts(chunkTokens: chunkTokens, requestsMax: session.requestsMax)
      if let rate = options.rates.first {
        var schedule = ArrivalSchedule(perSecond: rate, isPoisson: options.isPoisson, seed: 1)
        schedule.restart()
        prompts.reschedule { _ in
          defer { schedule.advance() }
          return schedule.nextDue
        }
      }
      return prompts
    }
    var prompts = try Trace.prompts(
      path: path, blockTokens: session.blockTokens, chunkTokens: chunkTokens, requestsMax: session.requestsMax)
    if let speed = session.speed {
      let dues = prompts.dues
      prompts.reschedule { UInt64(Double(dues[$0]) / speed) }
    }
    return prompts
  }
}

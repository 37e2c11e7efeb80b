import Base
import IO
import Policy
import Registry
import Store
import Synchronization

/// One number for every case of a label.
struct Counts<Label: CaseIterable & RawRepresentable<Int>> {
  private let values: [UInt64]

  init(_ value: (Label) -> UInt64) { values = Label.allCases.map(value) }

  subscript(label: Label) -> UInt64 { values[label.rawValue] }
  var total: UInt64 { values.reduce(0, +) }
}

/// How many durations there were up to each bound of a `Histogram`; the last is all of them.
struct Durations {
  let upToBound: [UInt64]
  let sumNanoseconds: UInt64

  /// - Parameter total: the sum of a reading of all histograms that belong together.
  init(_ total: ((borrowing Histogram) -> UInt64) -> UInt64) {
    upToBound = (0...Histogram.boundCount).map { bound in total { $0.cumulative(upTo: bound) } }
    sumNanoseconds = total { $0.sumNanoseconds }
  }
}

/// The numbers of the server at one moment, which every format prints. Taking it reads counters that the loops write, and
/// holds no lock for which a request waits long.
struct ServerSnapshot {
  let identity: ServerIdentity
  let congestion: CongestionChoice?
  let uptimeSeconds: UInt64
  let loops: Int
  let logLinesDropped: UInt64

  // MARK: Connections
  let openConnections: Int
  let connectionsMax: Int
  let opened: Counts<ConnectionProtocol>
  let closed: Counts<ConnectionProtocol>
  let refusals: Counts<Refusal>
  let acceptPauses: UInt64

  // MARK: Requests
  let requests: Counts<RequestOutcome>
  let durations: [(command: TimedCommand, durations: Durations)]
  let bytesReceived: UInt64
  let bytesSent: UInt64
  let bytesLent: UInt64
  let bytesDrained: UInt64

  let loopLag: Durations
  /// By loop, in nanoseconds.
  let loopLagLongest: [UInt64]

  let store: StoreNumbers
  /// Nil where memory is all there is.
  let disk: DiskNumbers?
  /// Nil where there is no registry here.
  let registry: RegistryNumbers?
  /// Nil where nothing is announced elsewhere.
  let announcer: AnnouncerNumbers?
  /// Nil without a door of TLS.
  let tls: TLSNumbers?
  let securedConnections: UInt64

  init(of server: Server, now: UInt64) {
    let workers = server.workers
    func sum(_ value: (Worker) -> UInt64) -> UInt64 { workers.reduce(0) { $0 + value($1) } }
    identity = server.identity
    congestion = server.congestion
    uptimeSeconds = (now - server.identity.startedAt) / 1_000_000_000
    loops = workers.count
    logLinesDropped = UInt64(server.log.droppedTotal)
    openConnections = server.openConnections
    connectionsMax = server.connectionsMax
    opened = Counts { label in sum { $0.metrics.opened.value(label) } }
    closed = Counts { label in sum { $0.metrics.closed.value(label) } }
    refusals = Counts { label in sum { $0.metrics.refusals.value(label) } }
    acceptPauses = sum { $0.metrics.acceptPauses.value }
    requests = Counts { label in sum { $0.metrics.requests.value(label) } }
    durations = TimedCommand.allCases.map { command in
      (command, Durations { read in sum { $0.metrics.withHistogram(command, read) } })
    }
    bytesReceived = sum { $0.metrics.bytesReceived.value }
    bytesSent = sum { $0.metrics.bytesSent.value }
    bytesLent = sum { $0.metrics.bytesLent.value }
    bytesDrained = sum { $0.metrics.bytesDrained.value }
    let store = StoreNumbers(server.store, lanes: workers.map(\.lane), now: now)
    self.store = store
    loopLag = Durations { read in sum { read($0.loop.lag.turns) } }
    loopLagLongest = workers.map { $0.loop.lag.longestNanoseconds }
    disk = server.tier.map { DiskNumbers($0, store.books) }
    registry = server.sharing.registry.map { RegistryNumbers($0, workers.map(\.registryMetrics)) }
    announcer = server.sharing.lookupURL.map { _ in AnnouncerNumbers(workers[0].announcerMetrics) }
    tls = server.tls.map { TLSNumbers($0, workers.map(\.tls.metrics)) }
    let secured = sum { $0.tls.metrics.handshakes.value(.full) + $0.tls.metrics.handshakes.value(.resumed) }
    let closedOfThem = sum { $0.tls.metrics.closed.value }
    securedConnections = secured > closedOfThem ? secured - closedOfThem : 0
  }

  /// Of a protocol that are open: what one worker opened another may have closed since.
  func open(_ spoken: ConnectionProtocol) -> UInt64 {
    opened[spoken] > closed[spoken] ? opened[spoken] - closed[spoken] : 0
  }
}

struct StoreNumbers {
  let books: StoreSnapshot
  let hits, misses, expired: UInt64
  let hitBytes, diskHits, diskHitBytes: UInt64
  let lookupHits, lookupMisses: UInt64
  let published, publishedBytes, overwrites: UInt64
  /// By what for.
  let evicted: [(reason: String, count: UInt64)]
  let drops: Counts<DropReason>
  let quotas: [QuotaFigures]
  /// Of a policy that learns.
  let policy: PolicyFigures?
  let leaseSeconds: Int
  let leasesGranted, leasesRefused, leasesBroken, leasesWithdrawn, missesAfterFetch: UInt64
  let lookupToFetch: Durations
  let reuseGaps, evictReuseGaps, lifetimes, idleTimes: Durations
  /// Nil where nothing limits it.
  let headroomBytes: Int?
  let renewedBytes, unrenewedBytes, lendingPauses: UInt64

  /// Loops count on while they are read.
  var memoryHits: UInt64 { hits > diskHits ? hits - diskHits : 0 }
  var memoryHitBytes: UInt64 { hitBytes > diskHitBytes ? hitBytes - diskHitBytes : 0 }

  init(_ store: Store, lanes: [Lane], now: UInt64) {
    func sum(_ value: (borrowing LaneCounters) -> UInt64) -> UInt64 { lanes.reduce(0) { $0 + value($1.counters) } }
    books = store.snapshot(now: now)
    hits = sum { $0.hits.value }
    misses = sum { $0.misses.value }
    expired = sum { $0.expired.value }
    hitBytes = sum { $0.hitBytes.value }
    diskHits = sum { $0.diskHits.value }
    diskHitBytes = sum { $0.diskHitBytes.value }
    lookupHits = sum { $0.existHits.value }
    lookupMisses = sum { $0.existMisses.value }
    published = sum { $0.published.value }
    publishedBytes = sum { $0.publishedBytes.value }
    overwrites = sum { $0.overwrites.value }
    evicted = EvictionReason.allCases.map { ("\($0)", store.evicted(for: $0)) }
    drops = Counts { reason in sum { $0.drops(reason) } }
    quotas = store.quotas
    policy = store.policyFigures
    leaseSeconds = store.promiseSeconds
    leasesGranted = sum { $0.leasesGranted.value }
    leasesRefused = sum { $0.leasesRefused.value }
    leasesBroken = sum { $0.leasesBroken.value }
    leasesWithdrawn = sum { $0.leasesWithdrawn.value }
    missesAfterFetch = sum { $0.missesAfterFetch.value }
    lookupToFetch = Durations { read in sum { read($0.gaps) } }
    reuseGaps = Durations { read in sum { read($0.reuseGaps) } }
    evictReuseGaps = Durations { read in sum { read($0.evictReuseGaps) } }
    lifetimes = Durations { read in store.withLifetimes(read) }
    idleTimes = Durations { read in store.withIdleTimes(read) }
    headroomBytes = store.headroomBytes.map { max(0, $0) }
    renewedBytes = store.renewedBytes
    unrenewedBytes = store.unrenewedBytes
    lendingPauses = store.lendingPauses
  }
}

struct RegistryNumbers {
  let books: RegistrySnapshot
  let lookups: Counts<LookupOutcome>
  let registrations: Counts<RegistrationOutcome>
  let checks: Counts<OwnerCheckOutcome>

  init(_ registry: Registry, _ metrics: [RegistryMetrics]) {
    func sum(_ value: (RegistryMetrics) -> UInt64) -> UInt64 { metrics.reduce(0) { $0 + value($1) } }
    books = registry.snapshot()
    lookups = Counts { label in sum { $0.lookups.value(label) } }
    registrations = Counts { label in sum { $0.registrations.value(label) } }
    checks = Counts { label in sum { $0.checks.value(label) } }
  }
}

struct AnnouncerNumbers {
  let isConnected: Bool
  let published, withdrawn, complete, overflows, failures: UInt64

  init(_ metrics: AnnouncerMetrics) {
    isConnected = metrics.isConnected.load(ordering: .relaxed)
    published = metrics.published.value
    withdrawn = metrics.withdrawn.value
    complete = metrics.complete.value
    overflows = metrics.overflows.value
    failures = metrics.failures.value
  }
}

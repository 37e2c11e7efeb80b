import Base
import IO
import Server
import Simulation
import Wire

@testable import Store

/// One simulated life of the whole server, from its first connection to its end. The seed decides everything.
final class Life: @unchecked Sendable {
  struct Outcome: Sendable {
    var seed: UInt64
    var hash: UInt64
    var events: Int
    var failure: String?
    /// Counts of events, so that a test can tell whether lives are eventful.
    var census: [String: UInt64] = [:]
  }

  let seed: UInt64
  let plan: LifePlan
  let world: SimulatedWorld
  let server: Server
  let store: Store
  let clientLoop: EventLoop
  var keys: [KeyRecord] = []
  /// The current key, in `keys`, of each slot of a writer.
  var slots: [Int] = []
  /// A logical clock of what clients send and see.
  var tick = 0
  private var trace: Trace
  private(set) var failure: String?
  var halfCloses: UInt64 = 0
  private var clientsRunning = 0
  private(set) var drainedAt: UInt64?
  private var endedAt: UInt64?
  private let listener: Int32
  private var random: SplitMix64
  private var clients: [Client] = []

  static let log = Log(level: .error, format: .text)

  init(seed: UInt64, options: LifeOptions) {
    self.seed = seed
    random = SplitMix64(seed: seed ^ 0x5EED)
    var plan = LifePlan.draw(from: &random, isLarge: options.isLarge)
    world = SimulatedWorld(seed: seed, faults: options.isCalm ? FaultPlan.none : nil)
    let loops = (0..<plan.loops).map { [world] _ in
      world.makeLoop(endsCancelledEarly: options.resumesBeforeCompletion)
    }
    world.toleratesMisuse = options.resumesBeforeCompletion
    plan.store.policy = seed.isMultiple(of: 2) ? .lru : .returns
    #if DEBUG
      plan.store.plantedBug = options.plantedBug
    #endif
    self.plan = plan
    // A debug build would take minutes for large values through a small window.
    if plan.isLarge { world.windowBytes = 65_536...262_144 }
    clientLoop = world.makeLoop()
    listener = world.makeListener()
    guard let store = try? Store(plan.store) else { preconditionFailure("the budget is large enough") }
    self.store = store
    server = Server(
      store: store, loops: loops, listener: listener, connectionsMax: plan.connectionsMax,
      identity: ServerIdentity(
        version: "1.0", bootID: "boot", startedAt: world.now, driver: "simulated", driverReason: "a test"),
      log: Self.log)
    trace = Trace(isAloud: options.isAloud)
    for slot in 0..<plan.keys {
      slots.append(slot)
      keys.append(KeyRecord(number: slot, name: Self.name(slot: slot, number: slot)))
    }
  }

  /// Some keys have the class that is kept, one fills its field, one holds odd bytes.
  private static func name(slot: Int, number: Int) -> [UInt8] {
    switch slot {
    case 0: Array("test@1@0@0@\(number)".utf8)
    case 1: Array("whole \(number) ".utf8) + Array(repeating: UInt8(ascii: "k"), count: 141 - "\(number)".utf8.count)
    case 2: [0xE4, 0xBD, 0xA0] + Array("odd\t\(number)".utf8)
    default: Array("model@1@0@\(number)".utf8)
    }
  }

  /// Gives the slot a new key.
  func renewKey(ofSlot slot: Int) {
    slots[slot] = keys.count
    keys.append(KeyRecord(number: keys.count, name: Self.name(slot: slot, number: keys.count)))
  }

  // MARK: Living

  func run() -> Outcome {
    server.start()
    startClients()
    world.betweenTurns = { [unowned self] in meanwhile() }
    let isOver = world.run(
      until: { [unowned self] in failure != nil || (clientsRunning == 0 && server.phase == .ended) },
      nanosecondsMax: Limits.lifeNanoseconds)
    if !isOver { fail("stuck: \(waiting)") }
    if failure == nil { settle() }
    world.betweenTurns = {}
    // They know their life: it would stay with all its memory.
    clients = []
    return Outcome(seed: seed, hash: trace.hash, events: trace.events, failure: failure, census: census)
  }

  private func startClients() {
    for number in 0..<plan.clients {
      let client = Client(life: self, number: number)
      clients.append(client)
      clientsRunning += 1
      clientLoop.startRoot { [self] in
        await client.run()
        clientsRunning -= 1
      }
    }
    for number in 0..<plan.webClients {
      clientsRunning += 1
      let client = WebClient(life: self, number: 100 + number)
      clientLoop.startRoot { [self] in
        await client.run()
        clientsRunning -= 1
      }
    }
  }

  private func meanwhile() {
    if random.chance(perMille: plan.populatePerMille) { _ = store.populateAhead() }
    if drainedAt == nil, clientsRunning == 0 || world.now >= plan.drainAt ?? .max {
      drainedAt = world.now
      note("drain", who: -1)
      server.drain()
    }
    if endedAt == nil, server.phase == .ended { endedAt = world.now }
  }

  // MARK: What clients report

  func note(_ event: StaticString, who: Int, _ first: Int = 0, _ second: Int = 0) {
    trace.note(event, who: who, at: world.now, first, second)
  }

  func fail(_ what: String) {
    guard failure == nil else { return }
    failure = what
    note("FAILURE", who: -1)
  }

  /// Outcomes that the server's end or its limits explain.
  var isDraining: Bool { drainedAt != nil }
  var isPastDrain: Bool { drainedAt.map { world.now >= $0 + Limits.drainNanoseconds } ?? false }

  var now: UInt64 { world.now }
  var leaseSeconds: Int { plan.store.leaseSeconds }
  var leasesRefused: UInt64 { sum { $0.leasesRefused.value } }

  private func sum(_ counter: (borrowing LaneCounters) -> UInt64) -> UInt64 {
    (0..<plan.loops).reduce(0) { $0 + counter(store.lane($1).counters) }
  }

  var staleRemoved: UInt64 { sum { $0.staleRemoved.value } }

  /// Bodies that arrived whole and were not stored.
  var drops: UInt64 {
    DropReason.allCases.reduce(0) { total, reason in
      reason == .connectionLost ? total : total + sum { $0.drops(reason) }
    }
  }

  /// Values that the server took away.
  var losses: UInt64 { store.evicted + staleRemoved }

  // MARK: The end

  private func settle() {
    // Bytes under way still arrive.
    _ = world.run(until: { false }, nanosecondsMax: 2_000_000_000)
    check(endedAt! - drainedAt! <= Limits.drainNanoseconds + Limits.drainSlackNanoseconds, "the drain took too long")
    check(world.openSockets == [listener], "sockets are left open: \(world.openSockets)")
    let books = store.snapshot()
    check(books.inFlightBodies == 0 && books.inFlightBytes == 0, "bodies are left in flight")
    check(books.chargedBytes == 0, "bytes are left charged")
    // Nothing is held for longer than a lease after it was first asked for, however often it was asked for since.
    let isCovered = leaseSeconds == 0 || endedAt! < UInt64(leaseSeconds) * 1_000_000_000
    check(!isCovered || sum { $0.leasesBroken.value } == 0 || store.evicted(for: .recovery) > 0, "leases were broken")
    for spoken in ConnectionProtocol.allCases {
      let open = server.workers.reduce(0) {
        $0 + Int($1.metrics.opened.value(spoken)) - Int($1.metrics.closed.value(spoken))
      }
      check(open == 0, "\(open) connections of \(spoken) are left on the books")
    }
    check(pinned == 0, "pins are left")
    if failure == nil { store.checkInvariants() }
    note("settled", who: -1, books.objects, books.usedBytes)
  }

  private func check(_ isTrue: Bool, _ complaint: @autoclosure () -> String) {
    if !isTrue { fail(complaint()) }
  }

  private var pinned: Int {
    let vault = store.lane(0).vault
    let frontier = vault.ledger.withLock { $0.records.frontier }
    return (1..<max(frontier, 1)).count { vault.stripePart(of: EntryID($0)).pins > 0 }
  }

  private var census: [String: UInt64] {
    var census: [String: UInt64] = [
      "hits": sum { $0.hits.value }, "misses": sum { $0.misses.value }, "published": sum { $0.published.value },
      "overwrites": sum { $0.overwrites.value }, "evicted": store.evicted(for: .pages),
      "leases granted": sum { $0.leasesGranted.value }, "leases refused": leasesRefused,
      "stale removed": staleRemoved, "waits for pages": sum { $0.waits.value },
      "evicted for tables": store.evicted(for: .tables),
      "out of descriptors": UInt64(world.outOfDescriptorsCount), "aborted": UInt64(world.abortedCount),
      "lent bytes": world.lentBytes, "renewed bytes": store.renewedBytes, "half-closed": halfCloses,
    ]
    for reason in DropReason.allCases { census["dropped: \(reason)"] = sum { $0.drops(reason) } }
    for worker in server.workers {
      for refusal in Refusal.allCases {
        census["refused: \(refusal)", default: 0] += worker.metrics.refusals.value(refusal)
      }
    }
    return census
  }

  private var waiting: String {
    "\(clientsRunning) clients, phase \(server.phase); "
      + clients.map { "client \($0.number): \($0.doing)" }.joined(separator: "; ") + "\n" + world.description
  }
}

extension Limits {
  /// No life lasts longer, in virtual time. The slowest reader, who takes a large value in thousands of pieces and
  /// pauses for two minutes before every tenth, needs hours.
  fileprivate static let lifeNanoseconds: UInt64 = 100_000_000_000_000
  /// The most that faults add to a drain: late completions, one behind the other.
  fileprivate static let drainSlackNanoseconds: UInt64 = 10_000_000_000
}

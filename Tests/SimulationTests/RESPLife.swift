import Base
import IO
import Registry
import Server
import Simulation
import Wire

@testable import Store

/// One simulated life of a server that a few RESP clients use, and engines that use its registry. The seed decides everything.
final class RESPLife: @unchecked Sendable {
  static let registryPort: UInt16 = 8100

  let world: SimulatedWorld
  let clientLoop: EventLoop
  private(set) var failure: String?
  var hits = 0
  var transactions = 0
  var pairsSeen = 0
  var expiries = 0
  /// Chunks announced when the clients were done.
  private(set) var told = 0
  var lookups = 0
  var harmedEnds = 0
  /// The registry's entries about this server's chunks.
  private let announced: PretendRegistry
  private static let address = "10.0.0.9:8300"
  private let store: Store
  private let server: Server
  private let seed: UInt64
  private var running = 0
  private var idleSince: UInt64?
  private var nextLook: UInt64 = 0

  init(seed: UInt64) throws {
    self.seed = seed
    var random = SplitMix64(seed: seed)
    world = SimulatedWorld(seed: seed, faults: random.chance(perMille: 200) ? FaultPlan.none : nil)
    let loops = (0..<random.pick(1...3)).map { [world] _ in world.makeLoop() }
    clientLoop = world.makeLoop()
    announced = PretendRegistry(world: world, loop: clientLoop, port: 6379)
    var configuration = StoreConfiguration(
      budgetBytes: random.pick(2...6) << 20, leaseSeconds: 30, hashSeed: seed, laneCount: loops.count, clientsMax: 16)
    configuration.notesChanges = true
    store = try Store(configuration)
    var sharing = Sharing()
    sharing.registry = try Registry(budgetBytes: 1 << 20, hashSeed: seed)
    sharing.lookupURL = try RedisURL("redis://10.0.0.7:6379")
    sharing.advertised = Array(Self.address.utf8)
    sharing.lookupListener = world.makeListener(port: Self.registryPort)
    server = Server(
      store: store, loops: loops, listener: world.makeListener(), connectionsMax: 16,
      identity: ServerIdentity(
        version: "1.0", bootID: "boot", startedAt: world.now, driver: "simulated", driverReason: "a test"),
      log: Life.log, sharing: sharing)
  }

  func run() {
    server.start()
    announced.start()
    for number in 0..<4 {
      let client = RESPLifeClient(life: self, number: number, seed: seed)
      start { await client.run() }
    }
    for number in 0..<2 {
      let engine = RegistryLifeClient(life: self, number: number, seed: seed)
      start { await engine.run() }
    }
    var isDraining = false
    var populations = 0
    world.betweenTurns = { [unowned self] in
      if populations < 8 {
        populations += 1
        _ = store.populateAhead()
      }
      guard running == 0, !isDraining, mayDrain() else { return }
      isDraining = true
      server.drain()
    }
    let isOver = world.run(
      until: { [unowned self] in failure != nil || server.phase == .ended }, nanosecondsMax: 3_600_000_000_000)
    world.betweenTurns = {}
    if !isOver { fail("stuck with \(running) clients") }
    announced.end()
    guard failure == nil else { return }
    store.checkInvariants()
    if store.snapshot().inFlightBytes > 0 { fail("bodies are left") }
    if store.snapshot().chargedBytes > 0 { fail("\(store.snapshot().chargedBytes) bytes are still charged") }
  }

  /// When the registry names exactly the stored chunks. After a lost connection that takes a pause and a new
  /// announcement.
  private func mayDrain() -> Bool {
    let now = world.now
    guard now >= nextLook else { return false }
    nextLook = now + 100_000_000
    let since = idleSince ?? now
    idleSince = since
    let held = chunks()
    if Set(announced.entries.keys) == held, announced.entries.values.allSatisfy({ $0 == Self.address }) {
      told += held.count
      return true
    }
    if now > since + 600_000_000_000 {
      fail("announced are \(announced.entries.keys.sorted()) and not \(held.sorted())")
    }
    return false
  }

  private func chunks() -> Set<String> {
    var held: Set<String> = []
    for stripe in 0..<Lane.stripeCount {
      store.lane(0).forEachKey(stripe: stripe, kind: .withMeta, now: world.now) { key in
        _ = held.insert(key.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
      }
    }
    return held
  }

  private func start(_ client: @escaping @Sendable () async -> Void) {
    running += 1
    clientLoop.startRoot { [self] in
      await client()
      running -= 1
    }
  }

  func fail(_ what: String) { failure = failure ?? what }
}

import Base
import IO
import Store
import Synchronization
import TLS
import Tier

/// The whole server above its loops: who serves which connection, who may come in, and how it ends.
///
/// It owns neither threads nor the kernel: the program gives it real loops, the simulator pretend ones.
package final class Server: Sendable {
  package enum Phase: Int, AtomicRepresentable, Sendable {
    case starting, serving, draining, closing, ended
  }

  enum Admission {
    case regular, reserve, refused
  }

  package let store: Store
  package let log: Log
  package let identity: ServerIdentity
  private let connectionsMaxStorage: Atomic<Int>
  private let respStorage: Guarded<RESPConfiguration>
  private let respTurns = Atomic<UInt64>(1)
  /// Nil: connections stay as they are accepted.
  package let congestion: CongestionChoice?
  let sharing: Sharing
  /// Who may come in, which may change at any time.
  package let access: Access
  /// Nil: `lm` has no door of its own.
  private let lmListener: Int32?
  /// Nil: there is no door of administration.
  package let admin: AdminDoor?
  /// Nil: memory is all there is.
  package let tier: DiskTier?
  /// Nil: there is no door of TLS.
  let tls: TLSDoors?
  private let listener: Int32
  nonisolated(unsafe) private(set) package var workers: [Worker] = []

  private let phaseStorage = Atomic<Phase>(.starting)
  private let connections = Atomic<Int>(0)
  private let runningWorkers: Atomic<Int>
  /// Data connections by worker.
  private let load: Guarded<[Int]>
  /// What all LISTs under way hold together.
  private let listBytes = Atomic<Int>(0)
  /// What all RESP clients leave unread of values.
  let respPinnedBytes = Atomic<Int>(0)
  private let drainBegan = Atomic<UInt64>(0)
  private let drainRequested = Mailbox<Void>()
  private let connectionIDs = Atomic<Int>(0)
  private let askers = Atomic<Int>(0)
  /// What the status page remembers.
  let board = StatusBoard()

  package init(
    store: Store, loops: [EventLoop], listener: Int32, connectionsMax: Int, identity: ServerIdentity, log: Log,
    resp: RESPConfiguration = RESPConfiguration(), sharing: Sharing = Sharing(), congestion: CongestionChoice? = nil,
    tier: DiskTier? = nil, access: Access = Access(), lmListener: Int32? = nil,
    admin: AdminDoor? = nil, tls: TLSDoors? = nil
  ) {
    precondition(!loops.isEmpty, "a server has a loop")
    self.store = store
    self.listener = listener
    self.sharing = sharing
    connectionsMaxStorage = Atomic(connectionsMax)
    self.access = access
    self.lmListener = lmListener
    self.admin = admin
    self.identity = identity
    self.log = log
    respStorage = Guarded(resp)
    self.congestion = congestion
    self.tier = tier
    self.tls = tls
    runningWorkers = Atomic(loops.count)
    load = Guarded(Array(repeating: 0, count: loops.count))
    workers = loops.map { Worker(loop: $0, lane: store.lane($0.index), server: self) }
  }

  package var phase: Phase { phaseStorage.load(ordering: .acquiring) }

  /// Starts every worker's root task; their loops may begin to turn before or after.
  package func start() {
    tier?.start()
    for worker in workers.dropFirst() {
      worker.loop.startRoot { [self] in
        await worker.run()
        workerEnded()
      }
    }
    let first = workers[0]
    first.loop.startRoot { [self] in
      async let drain: Void = self.awaitDrain()
      async let accepting: Void = self.accept(self.listener, .data)
      async let acceptingLM: Void = self.accept(self.lmListener, .lm)
      async let administering: Void = self.accept(self.admin?.listener, .admin)
      async let securing: Void = self.acceptTLS()
      async let sharing: Void = self.share()
      await first.run()
      await drain
      await accepting
      await acceptingLM
      await administering
      await securing
      await sharing
      workerEnded()
    }
    // Unless the end was asked for already.
    _ = turn(from: .starting, to: .serving)
  }

  private func accept(_ listener: Int32?, _ door: Door, _ identity: TLSIdentity? = nil) async {
    guard let listener else { return }
    var acceptor = Acceptor(server: self, worker: workers[0], listener: listener, door: door, identity: identity)
    await acceptor.run()
  }

  /// The same doors for clients that speak TLS.
  private func acceptTLS() async {
    guard let tls else { return }
    async let data: Void = accept(tls.data, .data, tls.identity)
    async let lookups: Void = accept(tls.lookup, .lookup, tls.identity)
    async let peers: Void = accept(tls.peer, .peer, tls.identity)
    async let administering: Void = accept(tls.admin, .admin, tls.identity)
    await data
    await lookups
    await peers
    await administering
  }

  /// The doors of the older sharing between engines, and what goes on behind them.
  private func share() async {
    async let lookups: Void = accept(sharing.lookupListener, .lookup)
    async let peers: Void = accept(sharing.peerListener, .peer)
    async let news: Void = announce()
    if let registry = sharing.registry, let every = sharing.checkNanoseconds {
      await OwnerChecker(worker: workers[0], registry: registry, everyNanoseconds: every).run()
    }
    await lookups
    await peers
    await news
  }

  private func announce() async {
    guard let target = sharing.lookupURL, let changes = store.changes else { return }
    await Announcer(worker: workers[0], target: target, changes: changes, address: sharing.advertised).run()
  }

  // MARK: Connections

  /// What the kernel may take ahead of the reading of a connection that comes now.
  var unsentBytesEach: Int {
    let share = Limits.unsentBytesTogether / max(1, connections.load(ordering: .relaxed))
    return max(Limits.unsentBytesMin, min(share, Limits.unsentBytesMax))
  }

  package var connectionsMax: Int { connectionsMaxStorage.load(ordering: .relaxed) }

  /// Those that are there stay. Never more than what the server was made for.
  package func changeConnectionsMax(to count: Int) { connectionsMaxStorage.store(count, ordering: .relaxed) }

  /// What RESP clients may do at present.
  package var resp: RESPConfiguration { respStorage.withLock { $0 } }

  /// Another number whenever that was changed; sessions look at it before each request.
  var respTurn: UInt64 { respTurns.load(ordering: .acquiring) }

  package func changeRESP(to configuration: RESPConfiguration) {
    respStorage.withLock { $0 = configuration }
    respTurns.add(1, ordering: .releasing)
  }

  func admit() -> Admission {
    let connectionsMax = connectionsMax
    let live = connections.add(1, ordering: .relaxed).oldValue
    if live < connectionsMax { return .regular }
    if live < connectionsMax + Limits.reserveConnections { return .reserve }
    connections.subtract(1, ordering: .relaxed)
    return .refused
  }

  var openConnections: Int { connections.load(ordering: .relaxed) }

  func nextConnectionID() -> Int { connectionIDs.add(1, ordering: .relaxed).newValue }

  /// A connection that looks chunks up, as one of its host's.
  func asker(for connection: Connection, fansOut: Bool = false) -> Asker {
    store.asker(
      identity: connection.hostHash, connection: askers.add(1, ordering: .relaxed).newValue, fansOut: fansOut,
      client: connection.client)
  }

  /// What Redis's tools know a process by: 40 digits, another with each start.
  var runID: String { String(String(repeating: identity.bootID, count: 40).prefix(40)) }

  func connectionEnded() {
    connections.subtract(1, ordering: .relaxed)
  }

  /// The worker with the fewest data connections, or the asking one when it is as good; counts the new one.
  func assignDataConnection(asking: Worker) -> Worker {
    load.withLock { load in
      var best = asking.loop.index
      for index in load.indices where load[index] < load[best] { best = index }
      load[best] += 1
      return workers[best]
    }
  }

  func dataConnectionClosed(on worker: Worker) { load.withLock { $0[worker.loop.index] -= 1 } }

  var dataConnections: Int { load.withLock { $0.reduce(0, +) } }

  // MARK: Lists

  /// False when the lists under way leave no room for one of this size.
  func beginList(bytes: Int) -> Bool {
    let total = listBytes.add(bytes, ordering: .relaxed).newValue
    if total <= Limits.listBytesMax { return true }
    endList(bytes: bytes)
    return false
  }

  func endList(bytes: Int) { listBytes.subtract(bytes, ordering: .relaxed) }

  // MARK: The end

  /// Asks for the end, from any thread: `/readyz` says so, no data connection comes in, replies in flight finish.
  package func drain() {
    // In this order: a start in between makes the second fit.
    if turn(from: .starting, to: .draining) || turn(from: .serving, to: .draining) { drainRequested.send(()) }
  }

  private func turn(from expected: Phase, to desired: Phase) -> Bool {
    phaseStorage.compareExchange(expected: expected, desired: desired, ordering: .acquiringAndReleasing).exchanged
  }

  private func awaitDrain() async {
    _ = await drainRequested.next()
    let loop = workers[0].loop
    let began = loop.now
    let deadline = began + Limits.drainNanoseconds
    tellOfDrain()
    for worker in workers { worker.mailbox.send(.drain) }
    while dataConnections > 0, loop.now < deadline {
      await loop.sleep(nanoseconds: Limits.drainStepNanoseconds)
    }
    phaseStorage.store(.closing, ordering: .releasing)
    drainBegan.store(began, ordering: .relaxed)
    let plain = [listener, lmListener, admin?.listener, sharing.lookupListener, sharing.peerListener].compactMap { $0 }
    for listener in plain + (tls?.listeners ?? []) {
      loop.driver.shutdown(listener, .both)
    }
    for worker in workers {
      worker.mailbox.send(.close)
      worker.mailbox.close()
    }
  }

  /// A client of `lm` does not connect again: its engine goes on without the cache until it is restarted.
  private func tellOfDrain() {
    let clients = workers.reduce(0) { $0 + Int($1.metrics.opened.value(.lm)) - Int($1.metrics.closed.value(.lm)) }
    let fields: KeyValuePairs<String, LogValue> = [
      "data_connections": .number(dataConnections), "lm_connections": .number(clients),
    ]
    guard clients > 0 else { return log.info("draining", fields) }
    log.warning(
      "draining: \(clients) lm \(clients == 1 ? "connection" : "connections") will not come back; restart their engines",
      fields)
  }

  private func workerEnded() {
    if runningWorkers.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
      phaseStorage.store(.ended, ordering: .releasing)
      // No client asks any more: the devices write until the grace is over.
      if let tier { tier.end(at: drainBegan.load(ordering: .relaxed) + tier.graceNanoseconds) }
      for worker in workers { worker.loop.stop() }
    }
  }
}

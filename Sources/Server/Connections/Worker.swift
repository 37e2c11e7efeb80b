import Base
import Glibc
import IO
import Store

/// One loop with everything that its sessions use: its lane of the store, its metrics, its connections.
package final class Worker: @unchecked Sendable {
  enum Message: Sendable {
    /// A connection just accepted.
    case accepted(Transport, Entrance)
    /// A connection that another worker has sniffed.
    case serve(Connection, Sniffed)
    /// End what is between two requests; the rest ends itself at its next boundary.
    case drain
    /// End everything.
    case close
  }

  package let loop: EventLoop
  package let lane: Lane
  package let metrics = WorkerMetrics()
  package let registryMetrics = RegistryMetrics()
  package let announcerMetrics = AnnouncerMetrics()
  unowned let server: Server
  let mailbox = Mailbox<Message>()
  /// What is dropped is received here; nothing is ever read from it.
  let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.sliceBytes, alignment: 4096)
  let wideBuffers: WideBufferPool
  let tls: TLSWorkspace
  var limiter = LogLimiter()
  /// By the host of RESP clients.
  var respBursts = [TouchBurst](repeating: TouchBurst(), count: Limits.respBurstsPerWorker)

  /// By descriptor, so that a drain finds them in the same order every time.
  private var connections: [Connection?] = []
  private(set) var isDraining = false
  private(set) var isClosing = false
  private var hasToldOfRefusal = false
  private var headroomNews = HeadroomNews()

  init(loop: EventLoop, lane: Lane, server: Server) {
    self.loop = loop
    self.lane = lane
    self.server = server
    wideBuffers = WideBufferPool(store: server.store)
    tls = TLSWorkspace(store: server.store)
  }

  deinit { scratch.deallocate() }

  var store: Store { server.store }

  /// The worker's root task: lives until the server closes and every session has ended.
  func run() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.keepHouse() }
      while let message = await mailbox.next() {
        switch message {
        case .accepted(let transport, let entrance):
          group.addTask { await self.welcome(Connection(transport, entrance, worker: self)) }
        case .serve(let connection, let sniffed):
          group.addTask { await self.serve(connection, sniffed) }
        case .drain:
          drain()
        case .close:
          isClosing = true
          drain()
        }
      }
    }
    wideBuffers.clear()
    tls.wideBuffers.clear()
  }

  /// What would otherwise wait for the next request: touches that other lanes' evictions should know of, what a smaller
  /// budget still has to lose, whether the system has memory again, and what the log left out.
  private func keepHouse() async {
    while !isClosing {
      await loop.sleep(nanoseconds: Limits.housekeepingNanoseconds)
      lane.flush(now: loop.now)
      store.keepWithinBudget(now: loop.now)
      tls.handshakes.makeRoom(now: loop.now)
      tellOfLendingRefused()
      if loop.index == 0 {
        keepHeadroom()
        server.board.keep(server, now: loop.now)
      }
      limiter.sweep(now: loop.now, to: server.log)
    }
  }

  /// By one worker for all.
  private func keepHeadroom() {
    if store.headroomBytes != nil { store.wantRoomReading() }
    if loop.driver.lends { headroomNews.tell(of: store, now: loop.now, to: server.log) }
  }

  /// Once: a loop to which the system has refused it does not ask again.
  private func tellOfLendingRefused() {
    guard !hasToldOfRefusal, let refusal = loop.driver.lendingRefusal else { return }
    hasToldOfRefusal = true
    server.log.warning(
      "large values are copied from now on by one loop", ["loop": .number(loop.index), "reason": .text("\(refusal)")])
  }

  // MARK: Connections

  private func welcome(_ connection: Connection) async {
    enter(connection)
    let isSecure = await Handshake(connection)?.run() ?? true
    let sniffed = isSecure ? await Sniffer(connection: connection).sniff() : nil
    leave(connection)
    guard let sniffed else { return end(connection) }
    let best = sniffed.isData ? server.assignDataConnection(asking: self) : self
    if best === self { return await serve(connection, sniffed) }
    connection.move(to: best)
    guard !best.mailbox.send(.serve(connection, sniffed)) else { return }
    // The other worker has ended already.
    server.dataConnectionClosed(on: best)
    connection.stay(with: self)
    end(connection)
  }

  private func serve(_ connection: Connection, _ sniffed: Sniffed) async {
    enter(connection)
    do throws(SessionEnd) {
      switch sniffed {
      case .lm(let generation):
        connection.speak(.lm)
        defer { server.dataConnectionClosed(on: self) }
        try await LMSession(connection: connection, generation: generation).run()
      case .resp:
        connection.speak(.resp)
        defer { server.dataConnectionClosed(on: self) }
        try await RESPSession(connection: connection, door: .store).run()
      case .peer(let generation):
        connection.speak(.peer)
        defer { server.dataConnectionClosed(on: self) }
        try await LMSession(connection: connection, generation: generation, dialect: .peer).run()
      case .registry:
        connection.speak(.lookup)
        defer { server.dataConnectionClosed(on: self) }
        guard let registry = server.sharing.registry else { preconditionFailure("the lookup door has a registry") }
        let client = RegistryClient(registry, server.sharing, address: connection.transport.peerAddress)
        try await RESPSession(connection: connection, door: .registry(client)).run()
      case .admin:
        connection.speak(.admin)
        guard let admin = server.admin else { preconditionFailure("somebody listens at the door") }
        try await AdminSession(connection: connection, door: admin).run()
      case .http:
        connection.speak(.http)
        try await HTTPSession(connection: connection).run()
      }
    } catch {
      refuse(error.refusal, connection)
    }
    leave(connection)
    end(connection)
  }

  /// - Parameter detail: more than the name of the reason says.
  func refuse(_ refusal: Refusal, _ connection: Connection, detail: String = "") {
    metrics.refusals.add(refusal)
    limiter.write(
      .info, reason: "\(refusal.label)", now: loop.now, to: server.log, "connection closed",
      [
        "connection": .number(connection.id), "client": .text(connection.peerText),
        "reason": .text("\(refusal.label)\(detail.isEmpty ? "" : ": \(detail)")"),
        "protocol": .text("\(connection.speaks.label)"),
      ])
  }

  private func end(_ connection: Connection) {
    if connection.transport.isSecure { tls.metrics.closed.add() }
    connection.close()
    server.connectionEnded()
  }

  private func enter(_ connection: Connection) {
    // Free places are few and found from the front; a worker's connections are counted in thousands at most.
    if let place = freePlaces.popLast() {
      connections[place] = connection
      connection.place = place
    } else {
      connection.place = connections.count
      connections.append(connection)
    }
    if isClosing { connection.transport.abort() }
  }

  private func leave(_ connection: Connection) {
    connections[connection.place] = nil
    freePlaces.append(connection.place)
  }

  private var freePlaces: [Int] = []

  private func drain() {
    isDraining = true
    for case .some(let connection) in connections {
      if isClosing {
        connection.transport.abort()
      } else if connection.speaks.isData, connection.isBetweenRequests {
        connection.transport.endReceiving()
      }
    }
  }
}

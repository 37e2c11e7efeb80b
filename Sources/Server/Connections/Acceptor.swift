import Base
import IO
import TLS

/// Takes connections from the listener, and rests when there is no descriptor for them instead of spinning.
struct Acceptor: ~Copyable {
  let server: Server
  let worker: Worker
  let listener: Int32
  let door: Door
  /// Who the server is where its clients speak TLS.
  let identity: TLSIdentity?
  private var reserve: DescriptorReserve
  /// Whose turn it is to shake hands.
  private var turn = 0

  init(server: Server, worker: Worker, listener: Int32, door: Door, identity: TLSIdentity? = nil) {
    self.server = server
    self.worker = worker
    self.listener = listener
    self.door = door
    self.identity = identity
    // Probes come to the door of the data.
    reserve = DescriptorReserve(count: door == .data ? Limits.reserveDescriptors : 0)
  }

  /// Returns when the listener is shut down.
  mutating func run() async {
    var spentReserve = false
    while true {
      let descriptor: Int32
      do {
        descriptor = try await worker.loop.accept(listener)
      } catch {
        switch error {
        case .listenerClosed:
          return
        case .outOfDescriptors:
          worker.metrics.refusals.add(.outOfDescriptors)
          // One of those held back lets the next connection in, which may be a probe.
          if !spentReserve, reserve.spend() {
            spentReserve = true
          } else {
            await pause(because: error)
            reserve.refill()
            spentReserve = false
          }
        case .peerGone, .cancelled, .timedOut, .refused, .unreachable:
          worker.metrics.refusals.add(.peerGone)
        case .outOfMemory, .outOfSpace, .deviceFailed, .deviceGone, .readOnly, .unsupported, .other:
          worker.metrics.refusals.add(.outOfMemory)
          await pause(because: error)
        }
        continue
      }
      // A shortage that is over already leaves nothing to be sparing about.
      let isShort = spentReserve && !reserve.refill()
      spentReserve = false
      admit(descriptor, isReserve: isShort)
    }
  }

  private mutating func admit(_ descriptor: Int32, isReserve: Bool) {
    var entrance = Entrance(door: door)
    if let refusal = server.access.look(at: descriptor, &entrance) {
      return refuse(descriptor, refusal)
    }
    if door == .admin, let admin = server.admin {
      switch admin.enter(&entrance) {
      case .inside: break
      case .instead: worker.metrics.refusals.add(.adminDisplaced)
      case .busy: return refuse(descriptor, .adminBusy)
      }
    }
    let admission = server.admit()
    guard admission != .refused else {
      entrance.leave()
      return refuse(descriptor, .maxConnections)
    }
    if isReserve || admission == .reserve { entrance.restrict(to: .maxConnections) }
    let transport = Transport(
      accepted: descriptor, on: worker.loop, congestion: server.congestion, identity: identity)
    entrance.admin?.belong(to: transport)
    let unsent = server.unsentBytesEach
    if unsent < Limits.unsentBytesMax { transport.limitUnsent(bytes: unsent) }
    let host = nextHost()
    if host !== worker { transport.move(to: host.loop, host.tls) }
    if !host.mailbox.send(.accepted(transport, entrance)) {
      transport.stay(on: worker.loop, worker.tls)
      transport.close()
      entrance.leave()
      server.connectionEnded()
    }
  }

  /// Counted before its client sees the end.
  private func refuse(_ descriptor: Int32, _ refusal: Refusal) {
    worker.metrics.refusals.add(refusal)
    if refusal != .maxConnections {
      worker.limiter.write(
        .info, reason: "\(refusal.label)", now: worker.loop.now, to: server.log, "connection refused",
        [
          "reason": .text("\(refusal.label)"), "door": .text(door.rawValue),
          "from": .text(SocketAddress.peer(of: descriptor)?.text ?? "unknown"),
        ])
    }
    worker.loop.driver.close(descriptor)
  }

  /// Where the connection is welcomed. Handshakes are work, of which each worker has its share; those who administer are few,
  /// and their places belong to one loop.
  private mutating func nextHost() -> Worker {
    guard identity != nil, door != .admin else { return worker }
    turn = (turn + 1) % server.workers.count
    return server.workers[turn]
  }

  private func pause(because failure: IOFailure) async {
    worker.metrics.acceptPauses.add()
    worker.limiter.write(
      .warning, reason: "accept_pause", now: worker.loop.now, to: server.log, "accepting pauses",
      ["reason": .text(failure.reason)])
    await worker.loop.sleep(nanoseconds: Limits.acceptPauseNanoseconds)
  }
}

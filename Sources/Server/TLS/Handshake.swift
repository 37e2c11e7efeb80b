import Base
import Glibc
import IO
import Store
import TLS

/// A client's first words at a door of TLS, until what is said can be understood: bounded in time, in how many are under way
/// on a loop, and in what they take of its turns.
struct Handshake {
  private enum Ending: Error {
    case io(IOFailure)
    case tls(TLSFailure, complaint: String)
    case plain
    /// Its place went to another.
    case displaced
    /// Too many waited for a place.
    case lineFull
    /// The client has said nothing, and went or was given up.
    case silence(IOFailure?)
  }

  private let connection: Connection
  private let identity: TLSIdentity
  private let worker: Worker
  private let loop: EventLoop
  private let workspace: TLSWorkspace
  private let deadline: UInt64
  private let place: HandshakePlace

  /// Nil at a door without TLS, where there is nothing to do.
  init?(_ connection: Connection) {
    guard let identity = connection.transport.identity else { return nil }
    self.identity = identity
    self.connection = connection
    worker = connection.worker
    loop = worker.loop
    workspace = worker.tls
    deadline =
      loop.now + (connection.isReserve ? Limits.reserveSilenceNanoseconds : Limits.tlsHandshakeNanoseconds)
    let transport = connection.transport
    place = HandshakePlace(transport.peerAddress.map(AddressAccounts.holder)) { transport.abort() }
  }

  /// False when it came to nothing.
  func run() async -> Bool {
    do {
      let channel = try await shakeHands()
      connection.transport.secure(by: channel)
      workspace.metrics.handshakes.add(channel.session.isResumed ? .resumed : .full)
      tell(of: channel.session)
      return true
    } catch {
      refuse(error)
      return false
    }
  }

  private func shakeHands() async throws(Ending) -> TLSChannel {
    let buffers = TLSBuffers()
    // A client that says nothing takes no place from those that do.
    let arrived: Int
    do throws(Ending) {
      arrived = try await receive(into: buffers.inbound, buffers)
    } catch {
      if case .io(let failure) = error { throw .silence(failure) }
      throw error
    }
    guard arrived > 0 else { throw .silence(nil) }
    workspace.metrics.begun.add()
    guard buffers.inbound[0] == 0x16 else {
      // Counted before its client sees the end.
      workspace.metrics.handshakes.add(.plainClient)
      worker.refuse(.plainOnTLSPort, connection)
      answerPlainly(UnsafeRawBufferPointer(rebasing: buffers.inbound[..<arrived]), buffers)
      throw .plain
    }
    defer { workspace.handshakes.leave(place) }
    try await takePlace()
    // What the library holds until it is done; where there is no room, it is done for a probe.
    if !worker.store.charge(Limits.tlsHandshakeBytes) { connection.restrict(to: .budgetSpent) }
    defer { worker.store.discharge(Limits.tlsHandshakeBytes) }
    let (channel, progress) = try await inTurn { () throws(Ending) in try begin(arrived, buffers) }
    try await finish(channel, buffers, from: progress)
    return channel
  }

  /// What it waits in the line, it has less for the handshake.
  private func takePlace() async throws(Ending) {
    if workspace.handshakes.enter(place) { return }
    guard workspace.handshakes.line(place) else { throw .lineFull }
    await loop.sleep(until: deadline) { [loop, place] token in place.wake = { loop.wake(token) } }
    switch place.state {
    case .held: return
    case .turnedAway: throw .lineFull
    case .waiting, .outside, .lost: throw .io(.timedOut)
    }
  }

  private func begin(_ arrived: Int, _ buffers: TLSBuffers) throws(Ending) -> (TLSChannel, TLSProgress) {
    guard let channel = connection.transport.makeChannel(identity, over: buffers, workspace) else {
      throw .tls(.outOfMemory, complaint: "")
    }
    try take(arrived, channel.session)
    return (channel, channel.session.shakeHands())
  }

  private func take(_ arrived: Int, _ session: TLSSession) throws(Ending) {
    if let failure = session.arrived(arrived) { throw .tls(failure, complaint: "") }
  }

  /// Step by step, until both sides are done.
  private func finish(
    _ channel: TLSChannel, _ buffers: TLSBuffers, from first: TLSProgress
  ) async throws(Ending) {
    var progress = first
    while true {
      do {
        place.awaitClient(from: loop.now)
        defer { place.clientCame(at: loop.now) }
        // Of a failure too: it is for the client to know.
        try await channel.drain(on: loop, deadline: deadline)
      } catch {
        if case .failed(let failure) = progress { throw .tls(failure, complaint: channel.session.complaint) }
        throw place.isLost ? .displaced : .io(error)
      }
      guard !place.isLost else { throw .displaced }
      switch progress {
      case .done: return
      case .needsRoom: break
      case .failed(let failure): throw .tls(failure, complaint: channel.session.complaint)
      case .needsBytes:
        let arrived = try await awaitClient(channel.session.inbound.room, buffers)
        try take(arrived, channel.session)
      }
      progress = await inTurn { channel.session.shakeHands() }
    }
  }

  private func awaitClient(
    _ room: UnsafeMutableRawBufferPointer, _ buffers: TLSBuffers
  ) async throws(Ending) -> Int {
    place.awaitClient(from: loop.now)
    defer { place.clientCame(at: loop.now) }
    do throws(Ending) {
      let arrived = try await receive(into: room, buffers)
      guard arrived > 0 else { throw .io(.peerGone) }
      return arrived
    } catch {
      throw place.isLost ? .displaced : error
    }
  }

  /// A signature takes a thousand small requests' time. So a step waits for its turn as a slice of a body does, and no more
  /// than one of them waits.
  private func inTurn<Result, Failure>(
    _ step: () throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    if !workspace.steps.enter() { await withUnsafeContinuation { workspace.steps.line($0) } }
    defer { workspace.steps.leave() }
    await loop.bulkTurn(bytes: Limits.sliceBytes)
    return try step()
  }

  private func receive(
    into memory: UnsafeMutableRawBufferPointer, _ buffers: TLSBuffers
  ) async throws(Ending) -> Int {
    buffers.inboundRegion.pointee = iovec(iov_base: memory.baseAddress!, iov_len: memory.count)
    do {
      // Nothing is encrypted yet: what arrives is what was sent.
      return try await connection.transport.receive(
        into: buffers.inboundRegion, count: 1, options: [], deadline: deadline)
    } catch {
      throw .io(error)
    }
  }

  /// Tells a client that speaks without TLS what it has come to, in its own words.
  private func answerPlainly(_ first: UnsafeRawBufferPointer, _ buffers: TLSBuffers) {
    var text: String
    switch first[0] {
    case UInt8(ascii: "*"): text = "-ERR this port speaks TLS: use rediss://, or redis-cli --tls\r\n"
    case UInt8(ascii: "G"), UInt8(ascii: "H"), UInt8(ascii: "P"):
      let body = "This port speaks TLS: use https://\n"
      text =
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: \(body.utf8.count)\r\n"
        + "Connection: close\r\n\r\n\(body)"
    default: return
    }
    text.withUTF8 { text in
      let copied = min(text.count, buffers.outbound.count)
      buffers.outbound.copyMemory(from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[..<copied]))
      buffers.outboundRegion.pointee = iovec(iov_base: buffers.outbound.baseAddress!, iov_len: copied)
      _ = connection.transport.sendAtOnce(1, from: buffers.outboundRegion)
    }
    connection.transport.endSending()
  }

  private func tell(of session: TLSSession) {
    worker.server.log.debug(
      "tls connection",
      [
        "version": .text(session.version), "cipher": .text(session.cipher),
        "resumed": .text(session.isResumed ? "yes" : "no"), "subject": .text(connection.transport.subject?.name ?? ""),
      ])
  }

  private func refuse(_ ending: Ending) {
    let outcome: HandshakeOutcome
    var detail = ""
    switch ending {
    // A probe that connects and goes is no failure.
    case .silence(let failure):
      if failure == .timedOut { worker.refuse(.tlsHandshake, connection, detail: "silent") }
      return
    case .plain: return
    case .displaced: outcome = .displaced
    case .lineFull: outcome = .lineFull
    case .io(.timedOut): outcome = .timedOut
    case .io: outcome = .peerGone
    case .tls(let failure, let complaint):
      outcome = HandshakeOutcome(failure)
      detail = complaint.isEmpty ? "" : " (\(complaint))"
    }
    workspace.metrics.handshakes.add(outcome)
    worker.refuse(.tlsHandshake, connection, detail: "\(outcome.label)\(detail)")
  }
}

import Base
import IO
import Wire

/// What a connection turned out to speak.
enum Sniffed: Sendable {
  case lm(LMGeneration)
  case http
  case resp
  /// The registry's part of RESP.
  case registry
  /// HTTP that changes something.
  case admin
  /// `lm` as engines speak it to each other.
  case peer(LMGeneration)

  /// Whether it moves chunks, as opposed to asking how the server is.
  var isData: Bool {
    switch self {
    case .lm, .resp, .registry, .peer: true
    case .http, .admin: false
    }
  }
}

/// Tells by its first bytes what a connection speaks. It never changes afterwards.
struct Sniffer {
  let connection: Connection

  private var worker: Worker { connection.worker }

  /// Nil when the connection is over: it said nothing, or nothing that is spoken here.
  func sniff() async -> Sniffed? {
    // For all of it: bytes that drip in do not hold a place of the reserve any longer than silence does.
    let mustHurry = connection.isReserve || connection.door == .admin
    let deadline = mustHurry ? worker.loop.now + Limits.reserveSilenceNanoseconds : EventLoop.never
    while true {
      switch look() {
      case .spoken(let sniffed):
        guard let refusal = admission(of: sniffed) else { return sniffed }
        worker.refuse(refusal, connection)
        return nil
      case .refused(let refusal):
        worker.refuse(refusal, connection)
        return nil
      case .needMore:
        guard await receiveMore(deadline: deadline) else { return nil }
      }
    }
  }

  private enum Look {
    case spoken(Sniffed)
    case refused(Refusal)
    case needMore
  }

  private func look() -> Look {
    let inbound = connection.inbound
    guard !inbound.isEmpty else { return .needMore }
    if let look = lookForLM() { return look }
    if inbound[0] == 0x16, inbound.count == 1 || inbound[1] == 0x03 {
      return inbound.count == 1 ? .needMore : .refused(.tlsOnPlainPort)
    }
    if inbound[0] == UInt8(ascii: "*") { return resp }
    switch HTTPRequestParser.looksLikeHTTP(inbound.bytes) {
    case .yes: return http
    // Any other line of text is a command to RESP.
    case .no: return (0x20..<0x7F).contains(inbound[0]) ? resp : .refused(.unknownProtocol)
    // A line that fills the buffer without an end is no request of ours.
    case .needMore: return inbound.count < Limits.inboundBytes ? .needMore : http
    }
  }

  private var http: Look {
    switch connection.door {
    case .data, .lookup, .peer: .spoken(.http)
    case .admin: .spoken(.admin)
    case .lm: .refused(.unknownProtocol)
    }
  }

  /// What RESP is for depends on the door.
  private var resp: Look {
    switch connection.door {
    case .data: .spoken(.resp)
    case .lookup: .spoken(.registry)
    case .lm, .peer, .admin: .refused(.unknownProtocol)
    }
  }

  /// The same for `lm`; nil for bytes that are no `lm`. Engines are of the generations that say a shape.
  private func lookForLM() -> Look? {
    guard connection.door != .lookup, connection.door != .admin else { return nil }
    switch LMGeneration.sniff(connection.inbound.bytes) {
    case .generation(.v0) where connection.door == .peer: return .refused(.unknownProtocol)
    case .generation(let generation):
      return .spoken(connection.door == .peer ? .peer(generation) : .lm(generation))
    case .needMore: return .needMore
    case .notLM: return nil
    }
  }

  /// Why this connection may not be served, or nil.
  private func admission(of sniffed: Sniffed) -> Refusal? {
    guard sniffed.isData else { return nil }
    if worker.isDraining { return .draining }
    if case .lm = sniffed, connection.door == .data,
      let refusal = worker.server.access.refusal(ofLM: connection.transport)
    {
      connection.restrict(to: refusal)
    }
    guard connection.isReserve else { return nil }
    // Only a probe may use the reserve: its first request is HEALTH.
    return connection.inbound[0] == UInt8(LMCommand.health.rawValue) ? nil : connection.reserveRefusal
  }

  private func receiveMore(deadline: UInt64) async -> Bool {
    do {
      guard try await connection.receiveRequest(deadline: deadline) else {
        if !connection.inbound.isEmpty { worker.refuse(.requestCutShort, connection) }
        return false
      }
      return true
    } catch {
      worker.refuse(SessionEnd(receiving: error).refusal, connection)
      return false
    }
  }
}

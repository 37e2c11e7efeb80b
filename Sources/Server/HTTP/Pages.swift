import Base
import IO
import Wire

/// What the server tells of itself over HTTP. `proto/http.md` has the contract.
enum Pages {
  static func page(for request: HTTPRequest, of server: Server, now: UInt64) -> Page {
    guard request.path != .other else { return refusal(.notFound) }
    guard request.method != .other else { return refusal(.methodNotAllowed) }
    switch request.path {
    // All three are liveness probes in some chart or other: a full, draining or degraded server is alive,
    // and killing a pod with healthy memory orphans every client.
    case .health, .live: return status(of: server, isGood: stuckLoops(of: server, now: now) == 0, now: now)
    case .ready: return status(of: server, isGood: server.phase == .serving, now: now)
    case .metrics:
      return Page(
        status: .ok, contentType: "text/plain; version=0.0.4; charset=utf-8",
        body: PrometheusText.render(MetricsCollector.collect(server, now: now)))
    case .stats:
      let families = MetricsCollector.collect(server, now: now)
      return Page(
        status: .ok, contentType: "application/json",
        body: "{\(identity(of: server, now: now)), \"metrics\": \(MetricsJSON.render(families))}\n")
    case .other: return refusal(.notFound)
    }
  }

  static func refusal(_ status: HTTPStatus) -> Page {
    Page(status: status, body: "\(status.rawValue) \(status.reason)\n")
  }

  private static func status(of server: Server, isGood: Bool, now: UInt64) -> Page {
    Page(
      status: isGood ? .ok : .serviceUnavailable, contentType: "application/json",
      body: "{\(identity(of: server, now: now))}\n")
  }

  private static func identity(of server: Server, now: UInt64) -> String {
    let state =
      switch server.phase {
      case .starting: "starting"
      case .serving: stuckLoops(of: server, now: now) == 0 ? "ok" : "stuck"
      case .draining, .closing, .ended: "draining"
      }
    let uptime = (now - server.identity.startedAt) / 1_000_000_000
    return """
      "status": "\(state)", "version": "\(server.identity.version)", "boot_id": "\(server.identity.bootID)", \
      "uptime_seconds": \(uptime)
      """
  }

  private static func stuckLoops(of server: Server, now: UInt64) -> Int {
    server.workers.count { now > $0.loop.lastTurnTime + Limits.stuckLoopNanoseconds }
  }
}

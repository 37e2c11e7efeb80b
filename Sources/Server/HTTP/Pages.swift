import Base
import IO
import Tier
import Wire

/// An answer over HTTP, without its head.
struct Page {
  var status: HTTPStatus
  var contentType: StaticString = "text/plain; charset=utf-8"
  var body: String
}

/// What the server tells of itself over HTTP. `proto/http.md` has the contract.
enum Pages {
  private typealias Answer = @Sendable (_ server: Server, _ now: UInt64) -> Page

  private static let routes: [String: Answer] = [
    "/health": alive, "/healthz": alive, "/livez": alive, "/readyz": ready, "/metrics": metrics, "/stats": stats,
  ]

  static func page(for request: HTTPRequest, of server: Server, now: UInt64) -> Page {
    guard let answer = routes[request.path] else { return refusal(.notFound) }
    guard request.method.reads else { return refusal(.methodNotAllowed) }
    return answer(server, now)
  }

  /// All its paths are liveness probes in some chart or other: a full, draining or degraded server is alive, and killing a
  /// pod with healthy memory orphans every client.
  @Sendable private static func alive(_ server: Server, now: UInt64) -> Page {
    status(of: server, isGood: stuckLoops(of: server, now: now) == 0, now: now)
  }

  @Sendable private static func ready(_ server: Server, now: UInt64) -> Page {
    let isLoaded = server.tier.map { !$0.isReadyOnlyWhenLoaded || $0.isLoaded } ?? true
    return status(of: server, isGood: server.phase == .serving && isLoaded, now: now)
  }

  @Sendable private static func metrics(_ server: Server, now: UInt64) -> Page {
    Page(
      status: .ok, contentType: "text/plain; version=0.0.4; charset=utf-8",
      body: PrometheusText.render(MetricFamilies.all(ServerSnapshot(of: server, now: now))))
  }

  @Sendable private static func stats(_ server: Server, now: UInt64) -> Page {
    let families = MetricFamilies.all(ServerSnapshot(of: server, now: now))
    return Page(
      status: .ok, contentType: "application/json",
      body: "{\(identity(of: server, now: now)), \"metrics\": \(MetricsJSON.render(families))}\n")
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
      case .serving where stuckLoops(of: server, now: now) > 0: "stuck"
      case .serving: server.tier?.isDegraded == true ? "degraded" : "ok"
      case .draining, .closing, .ended: "draining"
      }
    let uptime = (now - server.identity.startedAt) / 1_000_000_000
    let disks = server.tier.map { ", \(DiskPages.state(of: $0))" } ?? ""
    return """
      "status": "\(state)", "version": "\(server.identity.version)", "boot_id": "\(server.identity.bootID)", \
      "uptime_seconds": \(uptime)\(disks)
      """
  }

  private static func stuckLoops(of server: Server, now: UInt64) -> Int {
    server.workers.count { now > $0.loop.lastTurnTime + Limits.stuckLoopNanoseconds }
  }
}

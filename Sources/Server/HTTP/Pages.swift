import Base
import IO
import Tier
import Wire

/// An answer over HTTP, without its head.
struct Page {
  var status: HTTPStatus
  var contentType: StaticString = "text/plain; charset=utf-8"
  var body: String
  /// What a browser may do with it, where it is a document.
  var policy: String?
}

/// What the server tells of itself over HTTP. `proto/http.md` has the contract.
enum Pages {
  private typealias Answer = @Sendable (_ server: Server, _ now: UInt64) -> Page

  private static let routes: [String: Answer] = [
    "/health": alive, "/healthz": alive, "/livez": alive, "/readyz": ready, "/": document,
  ]

  /// Pages that take so long to write that others have their turns meanwhile.
  private typealias LongAnswer = @Sendable (_ server: Server, _ loop: EventLoop) async -> Page

  private static let longRoutes: [String: LongAnswer] = [
    "/metrics": metrics, "/stats": stats, "/status.json": feed,
  ]

  static func page(for request: HTTPRequest, of server: Server, now: UInt64) -> Page {
    let isLong = longRoutes[request.path] != nil
    guard isLong || routes[request.path] != nil else { return refusal(.notFound) }
    guard request.method.reads, let answer = routes[request.path] else { return refusal(.methodNotAllowed) }
    return answer(server, now)
  }

  /// Nil where it is another page, or refused.
  static func longPage(for request: HTTPRequest, of server: Server, on loop: EventLoop) async -> Page? {
    guard request.method.reads, let answer = longRoutes[request.path] else { return nil }
    return await answer(server, loop)
  }

  @Sendable private static func document(_ server: Server, now: UInt64) -> Page { StatusPage.page }

  /// All its paths are liveness probes in some chart or other: a full, draining or degraded server is alive, and killing a
  /// pod with healthy memory orphans every client.
  @Sendable private static func alive(_ server: Server, now: UInt64) -> Page {
    status(of: server, isGood: stuckLoops(of: server, now: now) == 0, now: now)
  }

  @Sendable private static func ready(_ server: Server, now: UInt64) -> Page {
    let isLoaded = server.tier.map { !$0.isReadyOnlyWhenLoaded || $0.isLoaded } ?? true
    return status(of: server, isGood: server.phase == .serving && isLoaded, now: now)
  }

  @Sendable private static func metrics(_ server: Server, on loop: EventLoop) async -> Page {
    var text = PrometheusText()
    let parts = MetricFamilies.parts(ServerSnapshot(of: server, now: loop.now), of: server.store)
    for part in parts {
      text.append(part())
      await loop.nextTurn()
    }
    return Page(status: .ok, contentType: "text/plain; version=0.0.4; charset=utf-8", body: text.text)
  }

  @Sendable private static func stats(_ server: Server, on loop: EventLoop) async -> Page {
    var fields = [identity(of: server, now: loop.now)]
    let parts = StatsPage.parts(ServerSnapshot(of: server, now: loop.now), of: server.store)
    for part in parts {
      fields.append(part())
      await loop.nextTurn()
    }
    return Page(
      status: .ok, contentType: "application/json", body: "{\(fields.joined(separator: ", "))}\n")
  }

  @Sendable private static func feed(_ server: Server, on loop: EventLoop) async -> Page {
    var fields: [String] = []
    for part in StatusFeed(of: server, now: loop.now).parts(server.board) {
      fields.append(part())
      await loop.nextTurn()
    }
    return Page(
      status: .ok, contentType: "application/json", body: "{\(fields.joined(separator: ", "))}\n")
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

  static func stuckLoops(of server: Server, now: UInt64) -> Int {
    server.workers.count { now > $0.loop.lastTurnTime + Limits.stuckLoopNanoseconds }
  }
}

import Base
import IO
import Wire

/// One HTTP client: a probe, a scraper or a person. Answers pages, keeps the connection if asked to.
struct HTTPSession {
  let connection: Connection

  private var worker: Worker { connection.worker }
  private var idleNanoseconds: UInt64 {
    connection.isReserve ? Limits.reserveSilenceNanoseconds : Limits.httpIdleNanoseconds
  }

  func run() async throws(SessionEnd) {
    var bytes: [UInt8] = []
    var deadline = worker.loop.now + idleNanoseconds
    while true {
      bytes.append(contentsOf: connection.inbound)
      connection.consume(connection.inbound.count)
      switch HTTPRequestParser.parse(bytes.span.bytes) {
      case .incomplete:
        guard try await receive(deadline: deadline) else {
          if !bytes.isEmpty { throw SessionEnd(.requestCutShort) }
          return
        }
      case .refused(let status):
        worker.metrics.requests.add(.httpRefused)
        try await send(Pages.refusal(status), isHead: false, keepAlive: false)
        return await connection.linger()
      case .request(let request, let consumed):
        bytes.removeFirst(consumed)
        // A place of the reserve serves one request, so that it is free for the next probe.
        let keepAlive = request.keepAlive && !connection.isReserve
        try await answer(request, keepAlive: keepAlive)
        guard keepAlive else { return await connection.linger() }
        try await skip(request.bodyBytes, &bytes)
        deadline = worker.loop.now + idleNanoseconds
      }
    }
  }

  private func answer(_ request: HTTPRequest, keepAlive: Bool) async throws(SessionEnd) {
    let page = Pages.page(for: request, of: worker.server, now: worker.loop.now)
    worker.metrics.requests.add(page.status == .ok ? .httpServed : .httpRefused)
    try await send(page, isHead: request.method == .head, keepAlive: keepAlive)
  }

  private func send(_ page: Page, isHead: Bool, keepAlive: Bool) async throws(SessionEnd) {
    var response: [UInt8] = []
    HTTPResponseHead.encode(
      page.status, contentType: page.contentType, bodyBytes: page.body.utf8.count, keepAlive: keepAlive,
      allow: page.status == .methodNotAllowed ? "GET, HEAD" : nil, into: &response)
    if !isHead { response.append(contentsOf: page.body.utf8) }
    do {
      try await connection.sendAll(response)
    } catch {
      throw SessionEnd(sending: error)
    }
  }

  /// Passes over a body that no page wants.
  private func skip(_ count: Int, _ bytes: inout [UInt8]) async throws(SessionEnd) {
    let deadline = worker.loop.now + Limits.httpIdleNanoseconds
    var left = count
    while true {
      let here = min(left, bytes.count)
      bytes.removeFirst(here)
      left -= here
      guard left > 0 else { return }
      guard try await receive(deadline: deadline) else { throw SessionEnd(.bodyCutShort) }
      bytes.append(contentsOf: connection.inbound)
      connection.consume(connection.inbound.count)
    }
  }

  private func receive(deadline: UInt64) async throws(SessionEnd) -> Bool {
    do {
      return try await connection.receiveMore(deadline: deadline)
    } catch {
      throw error == .timedOut ? SessionEnd(.httpIdle) : SessionEnd(receiving: error)
    }
  }
}

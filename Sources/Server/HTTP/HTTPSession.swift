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
    var deadline = worker.loop.now + idleNanoseconds
    while true {
      switch HTTPRequestParser.parse(connection.inbound.bytes) {
      case .incomplete:
        guard connection.inbox.makeRoom(1) else { throw SessionEnd(.budgetSpent) }
        guard try await receive(deadline: deadline) else {
          if !connection.inbox.isEmpty { throw SessionEnd(.requestCutShort) }
          return
        }
      case .refused(let status):
        worker.metrics.requests.add(.httpRefused)
        try await send(Pages.refusal(status), isHead: false, keepAlive: false)
        return await connection.linger()
      case .request(let request, let consumed):
        connection.consume(consumed)
        // A place of the reserve serves one request, so that it is free for the next probe.
        let keepAlive = request.keepAlive && !connection.isReserve
        try await answer(request, keepAlive: keepAlive)
        guard keepAlive else { return await connection.linger() }
        try await skip(request.bodyBytes)
        deadline = worker.loop.now + idleNanoseconds
      }
    }
  }

  private func answer(_ request: HTTPRequest, keepAlive: Bool) async throws(SessionEnd) {
    let longPage = await Pages.longPage(for: request, of: worker.server, on: worker.loop)
    let page = longPage ?? Pages.page(for: request, of: worker.server, now: worker.loop.now)
    worker.metrics.requests.add(page.status == .ok ? .httpServed : .httpRefused)
    try await send(page, isHead: request.method == .head, keepAlive: keepAlive)
  }

  private func send(_ page: Page, isHead: Bool, keepAlive: Bool) async throws(SessionEnd) {
    var response: [UInt8] = []
    HTTPResponseHead.encode(
      page.status, contentType: page.contentType, bodyBytes: page.body.utf8.count, keepAlive: keepAlive,
      allow: page.status == .methodNotAllowed ? "GET, HEAD" : nil, policy: page.policy,
      into: &response)
    if !isHead { response.append(contentsOf: page.body.utf8) }
    // A long page in pieces, each of which the budget has room for even when all of it is promised.
    var sent = 0
    while sent < response.count {
      let piece = sent..<min(sent + Limits.httpPieceBytes, response.count)
      response.withUnsafeBytes { connection.outbox.append(UnsafeRawBufferPointer(rebasing: $0[piece])) }
      guard !connection.outbox.isOverdrawn else { throw SessionEnd(.outOfMemory) }
      try await connection.flush()
      sent = piece.upperBound
    }
  }

  /// Passes over a body that no page wants.
  private func skip(_ count: Int) async throws(SessionEnd) {
    let loop = worker.loop
    let deadline = loop.now + Limits.httpIdleNanoseconds
    try await connection.drop(count, tickNanoseconds: Limits.httpIdleNanoseconds) { _ throws(SessionEnd) in
      if loop.now >= deadline { throw SessionEnd(.httpIdle) }
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

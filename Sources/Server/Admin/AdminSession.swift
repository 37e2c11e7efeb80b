import Base
import IO
import Store
import Wire

/// One request of an administrator, and its answer. The connection ends behind it, so that what follows the request
/// is never taken for another.
struct AdminSession {
  let connection: Connection
  let door: AdminDoor

  private var worker: Worker { connection.worker }
  private var server: Server { worker.server }
  private var log: Log { server.log }

  private struct Answer {
    var status: HTTPStatus
    var allow: StaticString?
    /// What stands between the braces.
    var body: String
    /// The end begins when the answer has left.
    var drains = false
  }

  private enum Arrived {
    case request(HTTPRequest, refusal: Refusal?)
    case unreadable(HTTPStatus)
  }

  func run() async throws(SessionEnd) {
    let arrived = try await receive()
    connection.isAnswering(true)
    let answer: Answer
    switch arrived {
    case .unreadable(let status): answer = Answer(status: status, body: error("no request that is understood"))
    case .request(_, refusal: .some(let refusal)): answer = refuse(refusal)
    case .request(let request, refusal: nil): answer = await self.answer(request)
    }
    worker.metrics.requests.add(answer.status.rawValue < 300 ? .adminServed : .adminRefused)
    connection.isAnswering(false)
    try await send(answer)
    if answer.drains { server.drain() }
    await connection.linger()
  }

  private func receive() async throws(SessionEnd) -> Arrived {
    let deadline = worker.loop.now + Limits.adminRequestNanoseconds
    while true {
      switch HTTPRequestParser.parse(connection.inbound.bytes) {
      case .incomplete: break
      case .refused(let status): return .unreadable(status)
      case .request(let request, let consumed):
        let refusal = door.refusal(
          of: connection.inbound.bytes.extracting(0..<consumed), isSecure: connection.transport.isSecure)
        connection.consume(consumed)
        return .request(request, refusal: refusal)
      }
      guard connection.inbox.makeRoom(1) else { throw SessionEnd(.budgetSpent) }
      let isMore: Bool
      do {
        isMore = try await connection.receiveMore(deadline: deadline)
      } catch {
        throw error == .timedOut ? SessionEnd(.httpIdle) : SessionEnd(receiving: error)
      }
      guard isMore else { throw SessionEnd(.requestCutShort) }
    }
  }

  private func send(_ answer: Answer) async throws(SessionEnd) {
    let body = "{\(answer.body)}\n"
    var response: [UInt8] = []
    HTTPResponseHead.encode(
      answer.status, contentType: "application/json", bodyBytes: body.utf8.count, keepAlive: false, allow: answer.allow,
      into: &response)
    response.append(contentsOf: body.utf8)
    response.withUnsafeBytes { connection.outbox.append($0) }
    guard !connection.outbox.isOverdrawn else { throw SessionEnd(.outOfMemory) }
    try await connection.flush()
  }

  private func refuse(_ refusal: Refusal) -> Answer {
    worker.metrics.refusals.add(refusal)
    worker.limiter.write(
      .warning, reason: "\(refusal.label)", now: worker.loop.now, to: log, "admin refused",
      ["reason": .text("\(refusal.label)"), "from": .text(from)])
    return refusal == .adminToken
      ? Answer(status: .unauthorized, body: error("the token is missing or wrong: Authorization: Bearer TOKEN"))
      : Answer(status: .forbidden, body: error("not for browsers, nor by a name: ask by address, without Origin"))
  }

  // MARK: What is done

  private func answer(_ request: HTTPRequest) async -> Answer {
    do {
      switch try AdminRequest(request) {
      case .remove(let target): return await remove(target)
      case .setLogLevel(let level): return set(level)
      case .drain: return drain()
      }
    } catch {
      return Answer(status: error.status, allow: error.allow, body: self.error(error.text))
    }
  }

  private func remove(_ target: RemovalTarget) async -> Answer {
    guard door.beginRemoval() else {
      return Answer(status: .conflict, body: error("another removal is under way; ask again when it is done"))
    }
    defer { door.endRemoval() }
    log.audit(
      "admin removes", ["from": .text(from), "what": .text(target.name), "which": .bytes(target.value)])
    let (removal, complaint) = await RemovalWalk(worker: worker, target: target).run()
    log.audit(
      "admin removed",
      [
        "from": .text(from), "what": .text(target.name), "which": .bytes(target.value),
        "chunks": .number(removal.values), "bytes": .number(removal.bytes),
        "incomplete": .text(complaint ?? "no"),
      ])
    let what = target == .all ? "" : "\"\(target.name)\": \(quoted(target.value)), "
    let why = complaint.map { ", \"error\": \"\(LogEscape.json($0))\"" } ?? ""
    return Answer(
      status: complaint == nil ? .ok : .serviceUnavailable,
      body: """
        "removed": "\(target.name)", \(what)"chunks": \(removal.values), "bytes": \(removal.bytes), \
        "on_disk_only": \(removal.onDiskOnly), "complete": \(complaint == nil)\(why)
        """)
  }

  private func set(_ level: LogLevel) -> Answer {
    let before = log.level
    log.change(to: level)
    log.audit(
      "admin sets the log level",
      ["from": .text(from), "level": .text(level.rawValue), "before": .text(before.rawValue)])
    return Answer(status: .ok, body: "\"log_level\": \"\(level.rawValue)\", \"before\": \"\(before.rawValue)\"")
  }

  private func drain() -> Answer {
    log.audit("admin begins a drain", ["from": .text(from)])
    return Answer(
      status: .accepted, body: "\"draining\": true, \"data_connections\": \(server.dataConnections)", drains: true)
  }

  // MARK: Words

  private var from: String { connection.transport.peer?.text ?? "unknown" }

  private func error(_ text: String) -> String { "\"error\": \"\(LogEscape.json(text))\"" }

  private func quoted(_ bytes: [UInt8]) -> String { "\"\(LogEscape.json(String(decoding: bytes, as: UTF8.self)))\"" }
}

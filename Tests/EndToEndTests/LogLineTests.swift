import Base
import Foundation
import Testing
import Wire

/// What single lines of the log say.
@Suite
struct LogLineTests {
  private func line(_ server: RunningServer, _ words: String) -> String? {
    server.log.split(separator: "\n").first { $0.contains(words) }.map(String.init)
  }

  @Test(arguments: IODriver.available)
  func theFirstLineTellsWhatWasStarted(driver: IODriver) throws {
    let directory = try DiskDirectory()
    let doors = ["lm", "lookup", "peer", "tls-port", "tls-lookup", "tls-peer", "admin"]
    let flags = doors.flatMap { ["--\($0)", "127.0.0.1:0"] } + Certificates.shared.flags
    let server = try RunningServer(driver, ["--loops", "2"] + flags + directory.flags())
    let first = try #require(server.log.split(separator: "\n").first)
    #expect(first.contains("lmcache-server 0.1.0") && first.contains("budget=\"64 MiB\" loops=2"))
    #expect(first.contains("driver=\(driver.rawValue)"))
    let lines = [
      ("lm", "lm listening"), ("lookup", "lookup registry listening"), ("peer", "peer listening"),
      ("tls", "tls listening"), ("tls lookup", "tls lookup registry listening"), ("tls peer", "tls peer listening"),
      ("admin", "admin listening"),
    ]
    let others = try lines.map { "\($0) \(try server.port(after: $1))" }
    #expect(first.contains("doors=\"data \(server.port), \(others.joined(separator: ", "))\""))
  }

  @Test(arguments: IODriver.available)
  func aUserFileIsCountedByItsUsers(driver: IODriver) throws {
    let file = try UserFile("user alice on >secret ~* +@all\n")
    let server = try RunningServer(driver, ["--users", file.path])
    #expect(line(server, "users file=")?.hasSuffix(" count=1") == true)
  }

  /// What a line of the log says, where its form is JSON.
  private struct Record: Decodable {
    let time: String
    let level: String
    let message: String
    let reason: String?
    let left_out: Int?
  }

  /// Each line is JSON whatever happens, and a flood is told in few.
  @Test(arguments: IODriver.available)
  func aFloodOfBadConnectionsIsToldInFewLinesOfJSON(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--loops", "1", "--log-format", "json", "--log-level", "debug"])
    let flood = 400
    let peers = try (0..<flood).map { _ in try server.connect() }
    for peer in peers { try peer.send(Array("\thello \"there\"\r\n".utf8)) }
    for peer in peers { #expect(try peer.isClosedSilently()) }
    func records() throws -> [Record] {
      try server.log.split(separator: "\n").map { try JSONDecoder().decode(Record.self, from: Data($0.utf8)) }
    }
    func told(_ records: [Record]) -> (lines: Int, leftOut: Int) {
      let about = records.filter { $0.reason == "unknown_protocol" }
      return (about.count { $0.left_out == nil }, about.reduce(0) { $0 + ($1.left_out ?? 0) })
    }
    try eventually("each is told of or counted") {
      let (lines, leftOut) = try told(records())
      return lines + leftOut == flood
    }
    let (lines, leftOut) = try told(records())
    #expect(lines < flood / 4 && leftOut > 0)
    #expect(try server.stop() == .exited(0))
    let all = try records()
    #expect(all.last?.message == "ended")
    #expect(all.allSatisfy { $0.time.hasSuffix("Z") && LogLevel(rawValue: $0.level) != nil && !$0.message.isEmpty })
  }

  @Test(arguments: IODriver.available)
  func theEndTellsWhoWillNotComeBack(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let clients = try (0..<3).map { _ in try server.lm() }
    for client in clients { #expect(try client.health()) }
    let resp = try server.resp()
    #expect(try resp.ask("PING") == "+PONG\r\n")
    let gone = try server.lm()
    #expect(try gone.health())
    gone.peer.close()
    try eventually("it is gone") { try server.metric("lmcache_server_connections{protocol=\"lm\"}") == 3 }
    #expect(try server.stop() == .exited(0))
    let text = self.line(server, "draining") ?? ""
    #expect(text.contains("warning draining: 3 lm connections will not come back"))
    #expect(text.contains("data_connections=4 lm_connections=3"))
  }

  @Test(arguments: IODriver.available)
  func withoutClientsOfLMNobodyIsWarned(driver: IODriver) throws {
    let server = try RunningServer(driver)
    #expect(try server.resp().ask("PING") == "+PONG\r\n")
    #expect(try server.stop() == .exited(0))
    #expect(line(server, "draining")?.contains("info    draining") == true)
  }

  @Test(arguments: IODriver.available)
  func aLineAboutAConnectionNamesIt(driver: IODriver) throws {
    let server = try RunningServer(driver)
    _ = try server.lm().health()
    let client = try server.resp()
    let id = try client.ask("CLIENT", "ID").filter(\.isNumber)
    try client.peer.send(Array("*1\r\n$99999999999\r\n".utf8))
    try eventually("it is told") { line(server, "connection closed") != nil }
    let text = self.line(server, "connection closed") ?? ""
    #expect(text.contains("connection=\(id) client=127.0.0.1:") && text.contains("reason=bulk_length"))
  }
}

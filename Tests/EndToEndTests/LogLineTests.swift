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
    let server = try RunningServer(
      driver, ["--loops", "2", "--lookup", "127.0.0.1:0", "--peer", "127.0.0.1:0"] + directory.flags())
    let first = try #require(server.log.split(separator: "\n").first)
    #expect(first.contains("lmcache-server 0.1.0") && first.contains("budget=\"64 MiB\" loops=2"))
    #expect(first.contains("driver=\(driver.rawValue)"))
    let ports = try (server.port(after: "lookup registry listening"), server.peerPort())
    #expect(first.contains("doors=\"data \(server.port), lookup \(ports.0), peer \(ports.1)\""))
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

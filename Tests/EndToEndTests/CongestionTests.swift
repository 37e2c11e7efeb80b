import Foundation
import Testing

/// The effect of `--congestion` is reported, and decides how large values are sent.
@Suite
struct CongestionTests {
  private static let host = kernel("tcp_congestion_control").first ?? ""

  private static func kernel(_ name: String) -> [String] {
    let text = try? String(contentsOfFile: "/proc/sys/net/ipv4/\(name)", encoding: .utf8)
    return (text ?? "").split { $0.isWhitespace }.map(String.init)
  }

  @Test(arguments: IODriver.available)
  func whatIsDoneIsSaid(driver: IODriver) throws {
    let server = try RunningServer(driver)
    #expect(server.log.contains("congestion control "))
    let info = try #require(try server.metrics().families["lmcache_server_congestion_info"]?.samples.first)
    #expect(info.labels["host"] == Self.host && info.labels["remote"] == Self.host)
    let paces = Self.host.hasPrefix("bbr")
    #expect(paces ? ["cubic", "reno"].contains(info.labels["local"]) : info.labels["local"] == Self.host)
    #expect(try lends(server), "nobody on this host is paced")
  }

  @Test(arguments: IODriver.available)
  func aNameIsForAll(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--congestion", "reno"])
    #expect(server.log.contains("congestion control reno"))
    let info = try #require(try server.metrics().families["lmcache_server_congestion_info"]?.samples.first)
    #expect(info.labels["local"] == "reno" && info.labels["remote"] == "reno")
    #expect(try lends(server))
  }

  @Test(.enabled(if: kernel("tcp_allowed_congestion_control").contains("bbr"), "this kernel allows no bbr"))
  func whoIsPacedIsSentCopies() throws {
    for driver in IODriver.available {
      let server = try RunningServer(driver, ["--congestion", "bbr"])
      #expect(server.log.contains("congestion control bbr"))
      #expect(try !lends(server))
    }
  }

  @Test func whatTheKernelDoesNotHaveIsOneLine() throws {
    let child = try Child(RunningServer.program, ["--port", "0", "--congestion", "no_such"])
    #expect(try child.wait() == .exited(2))
    let complaint = child.standardError
    #expect(complaint.contains("--congestion 'no_such' is no congestion control that the kernel has"))
    #expect(complaint.split(separator: "\n").count == 1)
  }

  /// Whether large values leave by their pages, in either protocol.
  private func lends(_ server: RunningServer) throws -> Bool {
    let answers = try Speaker.Dialect.allCases.map { dialect in
      let speaker = try Speaker(dialect, server)
      let before = try server.metric("lmcache_server_lent_bytes_total")
      let value = Payload.bytes(5 << 20, seed: 3)
      try speaker.store("key", value)
      let reader = try server.connect()
      try reader.send(speaker.get("key"))
      let expected = speaker.hit(value)
      #expect(try Payload.isSame(reader.receive(expected.count), expected))
      return try server.metric("lmcache_server_lent_bytes_total") > before
    }
    #expect(Set(answers).count == 1, "the dialects do alike")
    return answers[0]
  }
}

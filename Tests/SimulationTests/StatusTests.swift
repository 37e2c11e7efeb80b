import Foundation
import Simulation
import Testing

@testable import Server

/// What the status page tells of time, in virtual time.
@Suite struct StatusTests {
  private let stage: Stage

  init() throws { stage = Stage(try QuietServer()) }

  private func report() throws -> [String: Any] {
    let parts = StatusFeed(of: stage.server, now: stage.world.now).parts(stage.server.board)
    let text = "{\(parts.map { $0() }.joined(separator: ", "))}"
    return try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
  }

  private func headline() throws -> String {
    let headline = try report()["headline"] as? [String: Any]
    return "\(headline?["state"] ?? ""): \(headline?["why"] ?? "")"
  }

  @Test func clientsThatFellSilentUseNothing() throws {
    #expect(try headline().hasPrefix("not_used"))
    let client = try stage.connect()
    try stage.act { () async throws in #expect(try await client.ask("SET", "k", "v") == "+OK") }
    #expect(try headline().hasPrefix("filling"))
    stage.pass(seconds: 870)
    // Whoever only asks how the server is uses nothing.
    try stage.act { () async throws in #expect(try await client.ask("PING") == "+PONG") }
    #expect(try headline().hasPrefix("filling"))
    stage.pass(seconds: 60)
    #expect(try headline().hasPrefix("not_used: no client has stored or asked for a chunk for 15 minutes"))
    try stage.act { () async throws in #expect(try await client.ask("EXISTS", "k") == ":1") }
    #expect(try headline().hasPrefix("filling"))
  }

  /// What was done in each step, and nothing twice.
  @Test func theHistoryAddsUp() throws {
    let client = try stage.connect()
    stage.pass(seconds: 1)
    for round in 0..<9 {
      try stage.act { () async throws in
        #expect(try await client.ask("SET", "k\(round)", "12345") == "+OK")
        for _ in 0...round {
          #expect(try await client.ask("GET", "k\(round)") == "$5")
          #expect(try await client.line() == "12345")
        }
      }
      stage.pass(seconds: 10)
    }
    let report = try report()
    let history = try #require(report["history"] as? [String: Any])
    let columns = try #require(history["columns"] as? [String])
    let rows = try #require(history["rows"] as? [[Int]])
    #expect(history["step_seconds"] as? Int == 10 && (8...9).contains(rows.count))
    #expect(rows.allSatisfy { $0.count == columns.count })
    func column(_ name: String) throws -> [Int] {
      let index = try #require(columns.firstIndex(of: name))
      return rows.map { $0[index] }
    }
    let totals = try #require(report["totals"] as? [String: Any])
    #expect(totals["hits_memory"] as? Int == 45 && totals["read_bytes"] as? Int == 225)
    // The last step may not be over.
    #expect([36, 45].contains(try column("hits_memory").reduce(0, +)))
    #expect(try column("at") == column("at").sorted() && Set(column("at")).count == rows.count)
    #expect(try column("connections").allSatisfy { $0 == 1 } && column("used_bytes").allSatisfy { $0 > 0 })
    let recent = try #require(report["recent"] as? [String: Any])
    let seconds = try #require(recent["seconds"] as? Int)
    #expect((60...70).contains(seconds))
    #expect((30...42).contains(try #require(recent["hits_memory"] as? Int)), "of the last six or seven steps")
  }
}

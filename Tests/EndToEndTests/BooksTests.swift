import Base
import Foundation
import Testing
import Wire

/// The parts of the memory in use add up to its total, which stays within the budget.
@Suite
struct BooksTests {
  private static func check(_ metrics: Exposition, _ when: String, overdrawn: inout Int) throws {
    let uses = try #require(metrics.families["lmcache_server_memory_bytes"]).samples
    let used = try #require(metrics.value(of: "lmcache_server_memory_used_bytes"))
    let budget = try #require(metrics.value(of: "lmcache_server_memory_budget_bytes"))
    #expect(uses.reduce(0) { $0 + $1.value } == used, "\(when): \(uses.map { ($0.labels["use"] ?? "", $0.value) })")
    // Connections' memory is booked before values are evicted for it: the total may be higher for a moment. Connections
    // may overdraw the budget a little while all values are promised or read.
    overdrawn = used > budget + budget / 64 ? overdrawn + 1 : 0
    #expect(overdrawn < 3, "\(when): \(used) of \(budget) bytes")
  }

  @Test(arguments: IODriver.available)
  func usesAddUpAtRestAndUnderLoad(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--loops", "2"], memory: "48MiB")
    var overdrawn = 0
    try Self.check(try server.metrics(), "empty", overdrawn: &overdrawn)
    let isOver = Flag()
    let work = (0..<4).map { number in
      Background {
        var random = SplitMix64(seed: UInt64(number))
        while !isOver.isSet {
          if number < 2 { try Self.lmSession(server, &random) } else { try Self.respSession(server, &random) }
        }
      }
    }
    defer { isOver.set() }
    // Until the store is full and has turned over.
    var looks = 0
    try eventually("the store evicts, and was looked at often") {
      let metrics = try server.metrics()
      try Self.check(metrics, "look \(looks)", overdrawn: &overdrawn)
      looks += 1
      return looks > 40 && metrics.sum("lmcache_server_evictions_total") > 20
    }
    isOver.set()
    for one in work { try one.wait() }
    try eventually("the clients are gone") { try server.metric("lmcache_server_connections{protocol=\"resp\"}") == 0 }
    let metrics = try server.metrics()
    overdrawn = 2
    try Self.check(metrics, "at rest again", overdrawn: &overdrawn)
    #expect(metrics.value(of: "lmcache_server_in_flight_bytes") == 0)
    #expect(metrics.value(of: "lmcache_server_memory_bytes{use=\"pages\"}") ?? 0 > Double(24 << 20))
  }

  private static func lmSession(_ server: RunningServer, _ random: inout SplitMix64) throws {
    let client = try server.lm()
    for _ in 0..<8 {
      let key = "lm \(random.pick(0...40))"
      try client.put(key, Payload.bytes(random.pick(0...3_000_000), seed: random.next()))
      _ = try client.exists(key)
      _ = try client.get("lm \(random.pick(0...40))")
    }
  }

  /// With long names, which take annexes, and queued requests and values.
  private static func respSession(_ server: RunningServer, _ random: inout SplitMix64) throws {
    let client = try server.resp()
    for _ in 0..<8 {
      let name = Array("\(random.pick(0...40))".utf8) + [UInt8](repeating: 0x6B, count: random.pick(0...3000))
      let value = Payload.bytes(random.pick(0...1_500_000), seed: random.next())
      if random.chance(perMille: 500) { _ = try client.ask("MULTI") }
      _ = try client.ask([Array("SET".utf8), name, value])
      _ = try client.ask([Array("EXISTS".utf8)] + (0..<500).map { Array("name \($0)".utf8) })
      _ = try client.ask("EXEC")
    }
  }
}

import Base
import Foundation
import Testing

/// The answers to look-ups, and the promises behind them, over the wire.
@Suite struct PromiseTests {
  @Test(arguments: IODriver.available)
  func whatALookupPromisedStays(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let client = try server.lm()
    let promised = Payload.bytes(4 << 20, seed: 1)
    try client.put("promised", promised)
    for index in 0..<48 {
      // Asked repeatedly, as while a request waits in a queue.
      #expect(try client.exists("promised"))
      try client.put("filler \(index)", Payload.bytes(4 << 20, seed: 2))
    }
    let isThere = try client.holds("promised", promised)
    #expect(isThere)
    #expect(try server.metrics().sum("lmcache_server_evictions_total") > 0)
    #expect(try server.metric("lmcache_server_leases_broken_total{cause=\"evicted\"}") == 0)
  }

  /// All stored chunks are hits; while all of them are promised, PUTs are dropped.
  @Test(arguments: IODriver.available)
  func whatIsHeldIsAHit(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let client = try server.lm()
    for index in 0..<14 { try client.put("key \(index)", Payload.bytes(4 << 20, seed: UInt64(index))) }
    for _ in 0..<3 { #expect(try (0..<14).allSatisfy { try client.exists("key \($0)") }) }
    for index in 0..<8 {
      try client.put("filler \(index)", Payload.bytes(4 << 20, seed: 99))
      _ = try client.exists("filler \(index)")
      #expect(try (0..<14).allSatisfy { try client.exists("key \($0)") })
    }
    for index in 0..<14 {
      let isThere = try client.holds("key \(index)", Payload.bytes(4 << 20, seed: UInt64(index)))
      #expect(isThere, "key \(index) was promised")
    }
    let metrics = try server.metrics()
    #expect(metrics.sum("lmcache_server_leases_broken_total") == 0)
    #expect(metrics.sum("lmcache_server_leases_refused_total") == 0)
    #expect(metrics.sum("lmcache_server_dropped_puts_total") > 0)
    #expect(metrics.value(of: "lmcache_server_lookup_to_fetch_seconds_count") == 14)
    // After the fetch they can be evicted for PUTs.
    for index in 0..<14 { try client.putAndSee("new \(index)", Payload.bytes(4 << 20, seed: 77)) }
  }

  /// How an engine looks a prompt up and fetches it.
  enum Dialect: String, CaseIterable {
    case lm, pairs, native
  }

  /// A resident set that is asked for and fetched continuously, with new chunks beside it.
  @Test(arguments: IODriver.available, Dialect.allCases)
  func aResidentSetIsHit(driver: IODriver, dialect: Dialect) throws {
    let server = try RunningServer(driver, memory: "256MiB")
    let seconds = PromptLoad.isLong ? 60.0 : 4.0
    let outcome = try PromptLoad(server, dialect).run(seconds: seconds, neverFetched: false)
    #expect(outcome.yes * 1000 >= outcome.asked * 999, "\(outcome)")
    try check(server, outcome)
  }

  /// Half of all asks are never followed by a fetch, and each is repeated twenty times; all clients have one address.
  @Test(arguments: IODriver.available, Dialect.allCases)
  func asksThatAreNeverFetchedCostNothing(driver: IODriver, dialect: Dialect) throws {
    let server = try RunningServer(driver, memory: "256MiB")
    let seconds = PromptLoad.isLong ? 60.0 : 4.0
    let outcome = try PromptLoad(server, dialect).run(seconds: seconds, neverFetched: true)
    #expect(outcome.yes * 1000 >= outcome.asked * 999, "\(outcome)")
    try check(server, outcome)
  }

  private func check(_ server: RunningServer, _ outcome: PromptLoad.Outcome) throws {
    #expect(outcome.missed == 0 && outcome.fetched > 0 && outcome.stored > 0, "\(outcome)")
    let metrics = try server.metrics()
    #expect(metrics.sum("lmcache_server_leases_broken_total") == 0)
    let dropped = metrics.sum("lmcache_server_dropped_puts_total")
    #expect(dropped * 100 <= Double(outcome.stored), "\(dropped) of \(outcome.stored) dropped")
  }

  /// A client that looks everything up all the time, beside a writer and a reader.
  @Test(arguments: IODriver.available)
  func aScannerCostsNothingAfterTheFirstSeconds(driver: IODriver) throws {
    let server = try RunningServer(driver, memory: "64MiB")
    let (scanner, writer, reader) = (try server.lm(), try server.lm(), try server.lm())
    let body = Payload.bytes(1 << 20, seed: 5)
    let began = Date()
    var (number, dropsBefore, storedLate) = (0, 0.0, 0)
    var isLate = false
    while true {
      let elapsed = Date().timeIntervalSince(began)
      if elapsed > 17, !isLate {
        isLate = true
        dropsBefore = try server.metrics().sum("lmcache_server_dropped_puts_total")
      }
      if elapsed > 21 { break }
      try writer.put("w\(number)", body)
      _ = try writer.exists("w\(number)")
      if try reader.exists("w\(number)") { #expect(try reader.get("w\(number)") != nil) }
      for key in max(0, number - 80)...number { _ = try scanner.exists("w\(key)") }
      if isLate { storedLate += 1 }
      number += 1
    }
    let metrics = try server.metrics()
    #expect((metrics.sum("lmcache_server_dropped_puts_total") - dropsBefore) * 100 <= Double(storedLate))
    #expect(metrics.sum("lmcache_server_leases_broken_total") == 0 && storedLate > 0)
  }
}

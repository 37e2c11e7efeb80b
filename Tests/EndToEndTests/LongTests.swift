import Base
import Foundation
import Testing
import Wire

/// Tests that take the server's own time limits. LONG_TESTS=1 runs them.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["LONG_TESTS"] != nil, "LONG_TESTS=1 runs them"))
struct LongTests {
  /// Longer than any of the server's time limits.
  private static let patienceSeconds = 300.0

  @Test(arguments: IODriver.available)
  func silentBodiesGiveTheirPagesBackAndKeepTheirConnection(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let value = Payload.bytes(4 << 20, seed: 1)
    let begun = try server.lm()
    try begun.peer.send(begun.request(.put, "begun", length: value.count, meta: LMPeer.meta))
    try begun.peer.send(value[..<(1 << 20)])
    let announced = try server.lm()
    try announced.peer.send(announced.request(.put, "announced", length: value.count, meta: LMPeer.meta))
    try eventually("both are dropped", patienceSeconds: Self.patienceSeconds) { try server.drops("silent") == 2 }
    #expect(try server.metric("lmcache_server_in_flight_bytes") == 0)
    try begun.peer.send(value[(1 << 20)...])
    try announced.peer.send(value)
    for (client, key) in [(begun, "begun"), (announced, "announced")] {
      #expect(try !client.exists(key))
      try client.put(key, value)
      let isStored = try client.holds(key, value)
      #expect(isStored)
    }
  }

  @Test(arguments: IODriver.available)
  func whoNeverReadsIsClosedInTheEndAndIdleOnesAreNot(driver: IODriver) throws {
    let server = try RunningServer(driver, memory: "256MiB")
    let client = try server.lm()
    try client.putAndSee("large", Payload.bytes(64 << 20, seed: 1))
    let mute = try server.lm()
    try mute.peer.send(mute.request(.get, "large"))
    let web = try server.web()
    #expect(try web.get("/health").status == 200)
    let drip = try server.web()
    try drip.peer.send(Array("GET /hea".utf8))
    try eventually("the reader is given up", patienceSeconds: Self.patienceSeconds) {
      try server.refusals("stalled_reader") == 1
    }
    try eventually("silent HTTP connections end", patienceSeconds: Self.patienceSeconds) {
      try server.refusals("http_idle") >= 1
    }
    #expect(try client.exists("large"))
  }

  /// Whether it has begun, or has said nothing at all.
  @Test(arguments: IODriver.available)
  func aHandshakeHasSoMuchTime(driver: IODriver) throws {
    let server = try RunningServer.secure(driver)
    let (silent, begun) = (try Peer(port: server.tlsPort()), try Peer(port: server.tlsPort()))
    try begun.send([22, 3, 1])
    #expect(try silent.isClosedSilently() && begun.isClosedSilently())
    try eventually("they are named") { try server.refusals("tls_handshake") == 2 }
    #expect(try server.failedHandshakes("timed_out") == 1)
    #expect(server.log.contains("tls_handshake: silent") && server.log.contains("tls_handshake: timed_out"))
  }

  @Test(arguments: IODriver.available)
  func aDrainDoesNotWaitForEverForAReader(driver: IODriver) throws {
    let server = try RunningServer(driver, memory: "256MiB")
    try server.lm().putAndSee("key", Payload.bytes(64 << 20, seed: 1))
    let mute = try server.lm()
    try mute.peer.send(mute.request(.get, "key"))
    let half = try server.lm()
    try half.peer.send(half.request(.put, "half", length: 100, meta: LMPeer.meta) + [1])
    _ = try mute.reply()
    #expect(try server.stop() == .exited(0))
  }

  /// Leases end: a value that was promised may be evicted later.
  @Test(arguments: IODriver.available)
  func aLeaseEnds(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--lease", "2"])
    let client = try server.lm()
    try client.put("promised", Payload.bytes(4 << 20, seed: 1))
    #expect(try client.exists("promised"))
    // Longer than this lease and than the time for which new values stay. Asking meanwhile would renew it.
    sleep(15)
    for index in 0..<40 { try client.put("filler \(index)", Payload.bytes(4 << 20, seed: 2)) }
    #expect(try !client.exists("promised"))
  }

  @Test(arguments: IODriver.available)
  func tenTimesTheBudgetUnderManyClients(driver: IODriver) throws {
    let budget = 512 << 20
    let server = try RunningServer(driver, memory: "512MiB")
    let work = (0..<8).map { worker in
      Background {
        let client = try server.lm()
        var random = SplitMix64(seed: UInt64(worker))
        let noise = Payload.bytes(32 << 20, seed: 3)
        var sent = 0
        while sent < 10 * budget / 8 {
          let count = 4096 << random.pick(0...13)
          let key = "\(worker) \(random.pick(0...200))"
          try client.peer.send(client.request(.put, key, length: count, meta: LMPeer.meta))
          try client.peer.send(noise[..<count])
          sent += count
          if random.chance(perMille: 300), try client.exists(key) {
            guard try client.get(key) != nil else { throw HarnessFailure("a promise was broken") }
          }
        }
      }
    }
    for client in work { try client.wait() }
    #expect(try ProcessStatus(pid: server.child.pid).residentBytesMax() <= budget + 64 << 20)
    #expect(try server.metric("lmcache_server_leases_broken_total{cause=\"evicted\"}") == 0)
    #expect(try server.metrics().sum("lmcache_server_evictions_total") > 0)
  }
}

import Foundation
import Testing
import Wire

/// Peers that stop reading, leave in the middle, or come in crowds do not affect others.
@Suite
struct RudePeerTests {
  @Test(arguments: IODriver.available)
  func aPeerThatNeverReadsDisturbsNobody(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--loops", "1"], memory: "128MiB")
    let client = try server.lm()
    let value = Payload.bytes(32 << 20, seed: 1)
    try client.putAndSee("large", value)
    let mute = try (0..<8).map { _ in try server.lm() }
    for peer in mute { try peer.peer.send(peer.request(.get, "large")) }
    for index in 0..<50 {
      try client.put("small \(index)", Payload.bytes(10_000, seed: 2))
      #expect(try client.exists("small \(index)"))
    }
    let isServed = try client.holds("large", value)
    #expect(isServed)
    #expect(try server.status(of: "/health") == 200)
    #expect(server.isRunning)
    for peer in mute { peer.peer.close() }
    try eventually("the mute peers are gone") { try server.metric("lmcache_server_connections{protocol=\"lm\"}") == 1 }
  }

  @Test(arguments: IODriver.available)
  func aResetAtAnyMomentIsNoHarm(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let value = Payload.bytes(2 << 20, seed: 1)
    let witness = try server.lm()
    try witness.putAndSee("value", value)
    for moment in 0..<60 {
      let put = try server.lm()
      try put.peer.send(put.request(.put, "value", length: value.count, meta: LMPeer.meta))
      try put.peer.send(value[..<(moment * 34_000)])
      put.peer.reset()
      let get = try server.lm()
      try get.peer.send(get.request(.get, "value"))
      if moment % 3 != 0 { _ = try get.peer.receive(moment * 34_000 + 1) }
      get.peer.reset()
    }
    try eventually("all of them are gone") {
      let metrics = try server.metrics()
      return metrics.value(of: "lmcache_server_connections{protocol=\"lm\"}") == 1
        && metrics.value(of: "lmcache_server_connections{protocol=\"unknown\"}") == 0
        && metrics.value(of: "lmcache_server_in_flight_bodies") == 0
    }
    let isKept = try witness.holds("value", value)
    #expect(isKept)
    #expect(try server.refusals("peer_gone") + server.refusals("body_cut_short") > 0)
  }

  @Test(arguments: IODriver.available)
  func thousandsOfConnectionsComeAndGo(driver: IODriver) throws {
    let server = try RunningServer(driver)
    // An answer shows that everything the server opens at start is open.
    #expect(try server.lm().health())
    let status = ProcessStatus(pid: server.child.pid)
    try eventually("the first client is gone") { try server.metric("lmcache_server_connections{protocol=\"lm\"}") == 0 }
    let before = try status.descriptors()
    for _ in 0..<2 {
      // Silent ones, talking ones, and ones in the middle of a request.
      let crowd = try (0..<min(2000, Descriptors.share)).map { index in
        let client = try server.lm()
        switch index % 4 {
        case 0: break
        case 1: try client.peer.send(client.request(.health, ""))
        case 2: try client.peer.send(client.request(.get, "nothing")[..<50])
        default: try client.peer.send(client.request(.put, "crowd", length: 100, meta: LMPeer.meta) + [1, 2, 3])
        }
        return client
      }
      let last = try server.lm()
      #expect(try last.health())
      #expect(try server.status(of: "/health") == 200)
      for (index, client) in crowd.enumerated() {
        if index % 8 < 4 { client.peer.close() } else { client.peer.reset() }
      }
      last.peer.close()
      try eventually("the crowd is gone") { try status.descriptors() <= before + 1 }
    }
    let client = try server.lm()
    try client.put("after", [1])
    #expect(try client.get("after")?.bytes == [1])
    #expect(try server.metric("lmcache_server_in_flight_bodies") == 0)
  }

  @Test(arguments: IODriver.available)
  func beyondTheLimitOnlyProbesAreServed(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--max-connections", "10"])
    let regular = try (0..<10).map { _ in try server.lm() }
    for client in regular { #expect(try client.health()) }
    let late = try server.lm()
    try late.peer.send(late.request(.exist, "key"))
    #expect(try late.peer.isClosedSilently())
    for page in ["/health", "/metrics"] { #expect(try server.status(of: page) == 200) }
    let probe = try server.lm()
    #expect(try probe.health())
    try eventually("the refusal is counted") { try server.refusals("max_connections") == 1 }
    // The probe counts as long as it stays.
    probe.peer.close()
    regular[0].peer.close()
    try eventually("there is room again") {
      let client = try server.lm()
      return (try? client.exists("key")) == false
    }
  }

  /// Connections beyond the limit are for probes: none of these may keep one.
  @Test(arguments: IODriver.available)
  func nobodyStaysInTheReserve(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--max-connections", "1"])
    let regular = try server.lm()
    #expect(try regular.health())
    let disguised = try server.lm()
    #expect(try disguised.health())
    try disguised.peer.send(disguised.request(.exist, "key"))
    #expect(try disguised.peer.isClosedSilently())
    let browser = try server.web()
    #expect(try browser.get("/health").fields["connection"] == "close")
    #expect(try browser.peer.receiveToEnd().isEmpty)
    // More than the reserve has places, each silent at another point.
    let crowd = try (0..<32).map { index in
      let client = try server.lm()
      switch index % 4 {
      case 0: #expect(try client.health())
      case 1: try client.peer.send(client.request(.health, "")[..<20])
      case 2: try client.peer.send(Array("GET /health".utf8))
      default: break
      }
      return client
    }
    try eventually("a probe gets in again") { (try? server.status(of: "/health")) == 200 }
    for client in crowd { #expect(try client.peer.isClosedSilently()) }
    #expect(try server.refusals("silent_reserve") > 0)
    #expect(try regular.health())
  }

  /// The shell that starts the server takes its share of descriptors, so that connections run into the limit.
  @Test(arguments: IODriver.available)
  func withoutDescriptorsAcceptingRestsAndResumes(driver: IODriver) throws {
    let spent = "ulimit -n 200; for i in $(seq 110); do exec {held}</dev/null; done"
    let server = try RunningServer(driver, ["--loops", "1"], shell: spent)
    var crowd: [LMPeer] = []
    for _ in 0..<150 { crowd.append(try server.lm()) }
    // HTTP may not be served now, but the log tells.
    try eventually("accepting pauses") { server.log.contains("accepting pauses") }
    let status = ProcessStatus(pid: server.child.pid)
    let before = try status.processorTicks()
    sleep(1)
    let ticks = try status.processorTicks() - before
    print("measured: \(driver) \(ticks) ticks of CPU in a second without descriptors")
    #expect(ticks < 30, "the server spins while it has no descriptors")
    for client in crowd[..<20] { #expect(try client.health()) }
    #expect(try server.status(of: "/health") == 200)
    for client in crowd { client.peer.close() }
    try eventually("connections are served again") {
      let client = try server.lm()
      return (try? client.exists("key")) == false
    }
    #expect(try server.refusals("out_of_descriptors") > 0)
    #expect(try server.metric("lmcache_server_accept_pauses_total") > 0)
  }
}

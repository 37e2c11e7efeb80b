import Foundation
import Testing
import Wire

/// Each state that the status page names, brought out by what clients and disks do.
@Suite
struct HeadlineTests {
  private static func key(_ name: String, _ index: Int) -> String { "vllm@llama@1@0@\(name)\(index)@half" }

  private static func driver() throws -> IODriver { try #require(IODriver.available.first) }

  private func put(_ lm: LMPeer, _ names: Range<Int>, bytes: Int = 1000, of name: String = "a") throws {
    for index in names { try lm.put(Self.key(name, index), Payload.bytes(bytes, seed: UInt64(index))) }
  }

  @Test(arguments: IODriver.available)
  func fromNotUsedByFillingToServingWell(driver: IODriver) throws {
    let server = try RunningServer(driver)
    var report = try server.report()
    #expect(report.state == "not_used" && report.change?.contains("lm://") == true, "\(report.why)")
    let lm = try server.lm()
    #expect(try lm.health() && server.report().state == "not_used", "a probe uses nothing")
    for index in 0..<4 { #expect(try !lm.exists(Self.key("a", index))) }
    try put(lm, 0..<4)
    #expect(try lm.exists(Self.key("a", 3)))
    report = try server.report()
    #expect(report.state == "filling" && report.why.contains("4 chunks") && report.change == nil, "\(report.why)")
    for _ in 0..<3 { for index in 0..<4 { #expect(try lm.get(Self.key("a", index)) != nil) } }
    report = try server.report()
    #expect(report.state == "serving_well" && report.why.contains("75 % of 16 chunks"), "\(report.why)")
    #expect(report.change == nil)
  }

  /// What had to go is asked for again, again and again.
  @Test(arguments: IODriver.available, ["returns", "lru"])
  func tooSmall(driver: IODriver, policy: String) throws {
    let server = try RunningServer(driver, ["--lease", "0", "--policy", policy], memory: "16MiB")
    let lm = try server.lm()
    for _ in 0..<3 {
      for index in 0..<60 where try lm.get(Self.key("a", index)) == nil {
        try put(lm, index..<index + 1, bytes: 1 << 19)
      }
    }
    let report = try server.report()
    #expect(report.state == "too_small" && report.why.contains("had to go"), "\(report.state): \(report.why)")
    #expect(report.change?.contains("--memory") == true)
  }

  /// The same load with a disk that holds all of it.
  @Test(arguments: IODriver.available)
  func aDiskThatHoldsTheRest(driver: IODriver) throws {
    let disk = try DiskDirectory()
    let server = try RunningServer(
      driver, disk.flags("--lease", "0", "--disk-write", "all", "--disk-write-rate", "4GiB"), memory: "16MiB")
    try server.becomes("serving")
    let lm = try server.lm()
    for index in stride(from: 0, to: 48, by: 8) {
      try put(lm, index..<index + 8, bytes: 1 << 19)
      try eventually("they are written") { try server.disks("chunks") == index + 8 }
    }
    for _ in 0..<3 {
      for index in 0..<48 { #expect(try lm.exists(Self.key("a", index)) && lm.get(Self.key("a", index)) != nil) }
    }
    let report = try server.report()
    #expect(report.state == "serving_well", "\(report.state): \(report.why)")
    #expect(report.hint("doubled_memory") == nil)
    #expect(report.part("totals")["hits_disk"] as? Int ?? 0 > 48, "memory has no room for all of them")
  }

  /// As much is stored, and nobody comes back for what had to go.
  @Test func newPromptsAloneDoNotMakeItTooSmall() throws {
    let server = try RunningServer(try Self.driver(), ["--lease", "0"], memory: "16MiB")
    let lm = try server.lm()
    for index in 0..<90 {
      #expect(try lm.get(Self.key("a", index)) == nil)
      try put(lm, index..<index + 1, bytes: 1 << 19)
      #expect(try lm.get(Self.key("a", index)) != nil)
    }
    let report = try server.report()
    #expect(report.part("totals")["evictions"] as? Int ?? 0 > 30)
    #expect(report.state == "serving_well", "\(report.state): \(report.why)")
  }

  // MARK: Cut off

  private func expectCutOff(_ server: RunningServer, _ words: String, change: String) throws {
    let report = try server.report()
    #expect(report.state == "cut_off" && report.why.contains(words), "\(report.state): \(report.why)")
    #expect(report.change?.contains(change) == true, "\(report.change ?? "")")
  }

  @Test(arguments: IODriver.available)
  func clientsWhoseAddressIsNotAllowed(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--allow", "127.0.0.1/32"])
    for _ in 0..<2 { #expect(try Peer(port: server.port, from: 5).isClosedSilently()) }
    #expect(try server.report().state == "not_used", "a scan of ports is no client")
    #expect(try Peer(port: server.port, from: 5).isClosedSilently())
    try expectCutOff(server, "not allowed", change: "--allow")
    // One that is served is enough; the others are a hint.
    try server.lm().putAndSee("k", [1])
    let report = try server.report()
    #expect(report.state == "filling")
    #expect(report.hint("clients_refused")?.text == "3 times clients were turned away: their addresses are not allowed")
  }

  @Test func clientsWithoutThePassword() throws {
    let file = try UserFile("user engine on >right ~* +@all\n")
    let server = try RunningServer(try Self.driver(), ["--users", file.path])
    for _ in 0..<3 { #expect(try server.resp().ask("AUTH", "engine", "wrong").hasPrefix("-WRONGPASS")) }
    try expectCutOff(server, "password", change: "password")
  }

  @Test func clientsThatDoNotSpeakTLS() throws {
    let server = try RunningServer.secure(try Self.driver())
    for _ in 0..<3 {
      let peer = try Peer(port: server.tlsPort())
      try peer.send(Array("*1\r\n$4\r\nPING\r\n".utf8))
      _ = try peer.receiveToEnd()
    }
    try expectCutOff(server, "TLS", change: "TLS")
    #expect(try server.report().hint("tls_handshakes_fail")?.text.contains("3 connections") == true)
  }

  @Test func allThatClientsStoreIsDropped() throws {
    let server = try RunningServer(try Self.driver(), memory: "16MiB")
    let lm = try server.lm()
    for index in 0..<8 {
      try put(lm, index..<index + 1, bytes: 12 << 20)
      #expect(try !lm.exists(Self.key("a", index)))
    }
    try expectCutOff(server, "all 8 chunks that clients stored were dropped", change: "chunk_size")
    #expect(try server.report().hint("chunks_too_large")?.text.contains("8 chunks") == true)
    try put(lm, 0..<4)
    for index in 0..<4 { #expect(try lm.get(Self.key("a", index)) != nil) }
    #expect(try server.report().state != "cut_off")
    #expect(try server.report().hint("chunks_too_large") != nil, "what is dropped is told all the same")
  }

  @Test func clientsThatOnlyStore() throws {
    let server = try RunningServer(try Self.driver())
    let lm = try server.lm()
    try put(lm, 0..<64)
    try eventually("all are stored") { try server.report().state == "cut_off" }
    try expectCutOff(server, "64 chunks and asked for none", change: "kv_both")
    #expect(try lm.exists(Self.key("a", 0)))
    #expect(try server.report().state == "filling", "one that asks is enough")
  }

  @Test(arguments: IODriver.available)
  func keysThatNeverMeet(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let (one, other) = (try server.lm(), try server.lm())
    for index in 0..<256 {
      #expect(try !one.exists(Self.key("one", index)) && !other.exists(Self.key("other", index)))
      try put(one, index..<index + 1, bytes: 100, of: "one")
    }
    try expectCutOff(server, "0 % of 512 look-ups", change: "PYTHONHASHSEED")
    // An engine's recovery check finds what it wrote itself.
    try one.putAndSee("test@1@0@0@bfloat16", [1])
    try expectCutOff(server, "under 1 % of 51", change: "PYTHONHASHSEED")
    for index in 0..<8 { #expect(try other.get(Self.key("one", index)) != nil) }
    #expect(try server.report().state == "filling")
  }

  // MARK: Degraded, draining

  @Test(arguments: IODriver.available)
  func aDiskThatCannotBeUsed(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--disk", "/sys/lmcache-server-disk"])
    try server.becomes("off")
    try server.lm().putAndSee("k", [1])
    let report = try server.report()
    #expect(report.state == "degraded" && report.why.contains("/sys/lmcache-server-disk is off"), "\(report.why)")
    #expect(report.rows("disks").first?["state"] as? String == "off")
  }

  @Test func aDiskThatAnotherProcessHas() throws {
    let disk = try DiskDirectory()
    let first = try RunningServer(try Self.driver(), disk.flags())
    try first.becomes("serving")
    #expect(try first.report().state == "not_used", "a disk that is well is no trouble")
    let second = try RunningServer(try Self.driver(), disk.flags())
    try second.becomes("waiting")
    let report = try second.report()
    #expect(report.state == "degraded" && report.why.contains("another process"), "\(report.why)")
    #expect(try first.stop() == .exited(0))
    try second.becomes("serving")
    #expect(try second.report().state == "not_used")
  }

  @Test func aDiskThatForgets() throws {
    let disk = try DiskDirectory()
    var server = try RunningServer(try Self.driver(), disk.flags("--disk-write", "all"))
    for index in 0..<8 { try server.lm().putAndSee(Self.key("a", index), Payload.bytes(200_000, seed: UInt64(index))) }
    try eventually("they are written") { try server.disks("chunks") == 8 }
    #expect(try server.stop() == .exited(0))
    // A byte in the middle of each block that holds something: no header is hit where values are so long.
    for (name, bytes) in try disk.contents() where name.hasPrefix("segment") || bytes.count > 1 << 20 {
      var spoiled = bytes
      for place in stride(from: 100_000, to: spoiled.count, by: 4096) where spoiled[place] != 0 { spoiled[place] ^= 1 }
      try spoiled.write(to: URL(filePath: "\(disk.path)/\(name)"))
    }
    server = try RunningServer(try Self.driver(), disk.flags())
    try server.becomes("serving")
    let lm = try server.lm()
    for index in 0..<8 { _ = try lm.get(Self.key("a", index)) }
    try eventually("it is counted") { try server.disks("checksum_failures_total") > 0 }
    let report = try server.report()
    #expect(report.state == "degraded" && report.why.contains("differed"), "\(report.why)")
  }

  @Test func aServerThatEnds() throws {
    let server = try RunningServer(try Self.driver())
    let (lm, web) = (try server.lm(), try server.web())
    #expect(try web.get("/status.json").status == 200)
    // A value that is still being sent keeps it from ending.
    try lm.peer.send(lm.request(.put, "k", length: 100_000, meta: LMPeer.meta) + Payload.bytes(50_000, seed: 1))
    try eventually("it arrives") { try server.metric("lmcache_server_in_flight_bodies") == 1 }
    server.child.signal(SIGTERM)
    try eventually("it drains") { try StatusReport(web.get("/status.json").body).state == "draining" }
    try lm.peer.send(Payload.bytes(50_000, seed: 2))
    #expect(try server.child.wait() == .exited(0))
  }
}

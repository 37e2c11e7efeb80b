import Foundation
import Testing
import Wire

/// What `/status.json` says beside its headline and its hints.
@Suite
struct StatusFeedTests {
  @Test(arguments: IODriver.available)
  func theFeedSaysWhatIsHeldAndDone(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--host", "0.0.0.0", "--max-connections", "50"], host: nil)
    let (writer, reader) = (
      try server.lm(), LMPeer(peer: try Peer(port: server.port, from: 2), generation: .nineInts)
    )
    for index in 0..<4 {
      try writer.putAndSee("vllm@llama@1@0@\(index)@half", Payload.bytes(3000, seed: UInt64(index)))
    }
    try reader.putAndSee("vllm@qwen@1@0@1@half", Payload.bytes(50_000, seed: 9))
    try reader.putAndSee("nobody's", Payload.bytes(10, seed: 9))
    for index in 0..<3 { #expect(try reader.get("vllm@llama@1@0@\(index)@half") != nil) }
    #expect(try reader.get("vllm@llama@1@0@77@half") == nil)
    let report = try server.report()
    #expect(report.fields["driver"] as? String == (driver == .uring ? "io_uring" : "epoll"))
    let now = try #require(report.fields["now"] as? Int)
    #expect(abs(Double(now) - Date().timeIntervalSince1970) < 3600, "seconds since 1970")
    let memory = report.part("memory")
    #expect(memory["chunks"] as? Int == 6 && memory["value_bytes"] as? Int == 62_010)
    #expect(memory["budget_bytes"] as? Int == 64 << 20)
    #expect(try #require(memory["used_bytes"] as? Int) > 62_010)
    let models = report.rows("models")
    #expect(models.map { $0["model"] as? String } == ["qwen", "llama", "others"], "the largest first")
    #expect(models[1]["hits"] as? Int == 3 && models[1]["misses"] as? Int == 1)
    #expect(models[1]["memory_chunks"] as? Int == 4 && models[1]["memory_bytes"] as? Int == 12_000)
    #expect(models[1]["memory_tokens"] as? Int == 1024 && models[1]["disk_tokens"] as? Int == 0)
    #expect(models[1]["tokens"] as? Int == 1024 && models[2]["tokens"] is NSNull)
    #expect(memory["tokens"] as? Int == 1280, "of chunks whose model is known")
    let client = try #require(report.rows("clients").first { $0["client"] as? String == "127.0.0.2" })
    #expect(client["written_chunks"] as? Int == 2 && client["read_chunks"] as? Int == 3)
    #expect(client["read_of_others"] as? Int == 3)
    for name in ["totals", "recent"] {
      #expect(report.part(name)["hits_memory"] as? Int == 3 && report.part(name)["misses"] as? Int == 1, "\(name)")
      #expect(report.part(name)["evictions"] as? Int == 0, "\(name)")
    }
    #expect(report.part("totals")["written_bytes"] as? Int == 62_010)
    #expect(report.part("connections")["lm"] as? Int == 2 && report.part("connections")["limit"] as? Int == 50)
    #expect(report.fields["rooms"] is NSNull && report.fields["holds_seconds"] is NSNull)
    #expect(report.rows("disks").isEmpty)
  }

  /// Of one address nobody knows how many clients there are.
  @Test func clientsOfOneAddressAreNotListed() throws {
    let server = try RunningServer(try #require(IODriver.available.first))
    try server.lm().putAndSee("vllm@llama@1@0@1@half", [1])
    try server.lm().putAndSee("vllm@llama@1@0@2@half", [1])
    #expect(try server.report().rows("clients").isEmpty)
  }

  @Test(arguments: IODriver.available)
  func disksAndTheirStates(driver: IODriver) throws {
    let disk = try DiskDirectory()
    let server = try RunningServer(driver, disk.flags("--disk-write", "all"))
    try server.lm().putAndSee("vllm@llama@1@0@1@half", Payload.bytes(50_000, seed: 1))
    try eventually("it is written") {
      let row = try #require(server.report().rows("disks").first)
      return row["state"] as? String == "ok" && row["chunks"] as? Int == 1 && row["used_bytes"] as? Int ?? 0 > 50_000
    }
    let row = try #require(server.report().rows("disks").first)
    #expect(row["path"] as? String == disk.path && (32 << 20...64 << 20).contains(row["size_bytes"] as? Int ?? 0))
    #expect(row["checksum_failures"] as? Int == 0 && row["written_bytes"] as? Int ?? 0 > 50_000)
  }

  @Test func connectionsOfTLSAreCounted() throws {
    let server = try RunningServer.secure(try #require(IODriver.available.first))
    let client = LMPeer(peer: try server.secured(), generation: .nineInts)
    #expect(try client.health() && server.report().part("connections")["tls"] as? Int == 1)
    client.peer.close()
    try eventually("it is gone") { try server.report().part("connections")["tls"] as? Int == 0 }
  }

  @Test func whatIsAskedForInAnotherWayIsRefused() throws {
    let server = try RunningServer(try #require(IODriver.available.first))
    let web = try server.web()
    #expect(try web.ask("POST /status.json HTTP/1.1", fields: ["Host: a"]).status == 405)
    let head = try web.ask("HEAD /status.json HTTP/1.1", fields: ["Host: a"])
    #expect(head.status == 200 && head.fields["content-type"] == "application/json" && head.body.isEmpty)
  }
}

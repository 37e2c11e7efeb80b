import Foundation
import Testing
import Wire

/// Who holds, stores and fetches what, as `/metrics` and `/stats` tell it.
@Suite
struct UsageMetricsTests {
  private func row(_ stats: [String: Any], _ group: String, _ name: String, _ value: String) throws -> [String: Any] {
    let rows = try #require(stats[group] as? [[String: Any]])
    return try #require(rows.first { $0[name] as? String == value }, "\(group) \(value)")
  }

  /// A client that writes and is never read by others shows, and so does one that reads what others wrote.
  @Test(arguments: IODriver.available)
  func whoReadsWhomIsCounted(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--host", "0.0.0.0"], host: nil)
    let (writer, reader) = (
      try server.lm(), LMPeer(peer: try Peer(port: server.port, from: 2), generation: .nineInts)
    )
    for index in 0..<4 {
      try writer.putAndSee("vllm@llama@1@0@\(index)@half@tenant%acme", Payload.bytes(3000, seed: UInt64(index)))
    }
    try reader.putAndSee("vllm@qwen@1@0@1@half", Payload.bytes(1000, seed: 9))
    for index in 0..<3 { #expect(try reader.get("vllm@llama@1@0@\(index)@half@tenant%acme") != nil) }
    #expect(try writer.get("vllm@llama@1@0@0@half@tenant%acme") != nil)
    #expect(try reader.get("vllm@llama@1@0@77@half@tenant%acme") == nil)
    let metrics = try server.metrics()
    func value(_ name: String) -> Double? { metrics.value(of: "lmcache_server_" + name) }
    #expect(value("model_chunks{model=\"llama\",tier=\"memory\"}") == 4)
    #expect(value("model_bytes{model=\"llama\",tier=\"memory\"}") == 12000)
    #expect(value("model_chunks{model=\"llama\",tier=\"disk\"}") == 0)
    #expect(value("model_puts_total{model=\"qwen\"}") == 1)
    #expect(value("model_fetches_total{model=\"llama\",outcome=\"hit\"}") == 4)
    #expect(value("model_fetches_total{model=\"llama\",outcome=\"miss\"}") == 1)
    #expect(value("model_fetched_bytes_total{model=\"llama\"}") == 12000)
    #expect(value("tag_chunks{tag=\"tenant\",value=\"acme\",tier=\"memory\"}") == 4)
    #expect(value("tag_fetches_total{tag=\"tenant\",value=\"acme\",outcome=\"hit\"}") == 4)
    #expect(value("client_hits_total{client=\"127.0.0.2\",stored_by=\"other\"}") == 3)
    #expect(value("client_hits_total{client=\"127.0.0.1\",stored_by=\"self\"}") == 1)
    #expect(value("client_read_by_others_total{client=\"127.0.0.1\"}") == 3)
    #expect(value("client_read_by_others_total{client=\"127.0.0.2\"}") == 0, "it writes, and nobody reads it")
    #expect(value("client_puts_total{client=\"127.0.0.2\"}") == 1)
    #expect(value("client_connections{client=\"127.0.0.1\"}") == 1, "HTTP moves no chunks")
    #expect(value("hits_total{tier=\"memory\"}") == 4 && value("hits_total{tier=\"disk\"}") == 0)
    #expect(value("hit_bytes_total{tier=\"memory\"}") == 12000)
    #expect(value("chunk_reuse_gap_seconds_count") == 4)
    reader.peer.close()
    try eventually("it is gone") {
      try server.metrics().value(of: "lmcache_server_client_connections{client=\"127.0.0.2\"}") == 0
    }
  }

  @Test(arguments: IODriver.available)
  func namesByRESPAreTheSame(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let client = try server.resp()
    let hash = String(repeating: "7f", count: 64)
    let key = "org/\(String(repeating: "m", count: 60))@02000100@0@\(hash)@team%red"
    #expect(try client.ask("SET", key, "value") == "+OK\r\n")
    #expect(try client.ask("GET", key) == "$5\r\nvalue\r\n")
    #expect(try client.ask("EXISTS", key, "org/x@02000100@0@\(hash)") == ":1\r\n")
    let metrics = try server.metrics()
    func value(_ name: String) -> Double? { metrics.value(of: "lmcache_server_" + name) }
    let model = "org/\(String(repeating: "m", count: 60))"
    #expect(value("model_lookups_total{model=\"\(model)\",outcome=\"hit\"}") == 1)
    #expect(value("model_lookups_total{model=\"other\",outcome=\"miss\"}") == 1)
    #expect(value("tag_puts_total{tag=\"team\",value=\"red\"}") == 1, "a key in two records has its tag in the second")
    #expect(value("client_fetches_total{client=\"127.0.0.1\",outcome=\"hit\"}") == 1)
    #expect(value("lookups_total{outcome=\"hit\"}") == 1 && value("lookups_total{outcome=\"miss\"}") == 1)
  }

  /// What a disk was read for is a hit of the disk, once; a look-up that brought it up makes it one, too.
  @Test(arguments: IODriver.available)
  func hitsOfTheDiskAreTheDisks(driver: IODriver) throws {
    let disk = try DiskDirectory()
    var server = try RunningServer(driver, disk.flags())
    var lm = try server.lm()
    for index in 0..<3 { try lm.putAndSee("vllm@llama@1@0@\(index)@half", Payload.bytes(50_000, seed: UInt64(index))) }
    #expect(try server.stop() == .exited(0))
    server = try RunningServer(driver, disk.flags())
    lm = try server.lm()
    try eventually("the disk is known") {
      try server.metrics().value(of: "lmcache_server_model_chunks{model=\"llama\",tier=\"disk\"}") == 3
    }
    #expect(try server.metrics().value(of: "lmcache_server_client_chunks{client=\"none\",tier=\"disk\"}") == 3)
    #expect(try lm.get("vllm@llama@1@0@0@half") != nil)
    #expect(try lm.get("vllm@llama@1@0@0@half") != nil)
    #expect(try lm.exists("vllm@llama@1@0@1@half"))
    try eventually("it is brought up") {
      try server.metrics().value(of: "lmcache_server_model_chunks{model=\"llama\",tier=\"memory\"}") == 2
    }
    #expect(try lm.get("vllm@llama@1@0@1@half") != nil)
    let resp = try server.resp()
    #expect(try resp.ask("EXISTS", "vllm@llama@1@0@2@half") == ":0\r\n", "another protocol's name")
    let metrics = try server.metrics()
    #expect(metrics.value(of: "lmcache_server_hits_total{tier=\"disk\"}") == 2)
    #expect(metrics.value(of: "lmcache_server_hits_total{tier=\"memory\"}") == 1)
    #expect(metrics.value(of: "lmcache_server_hit_bytes_total{tier=\"disk\"}") == 100_000)
    #expect(metrics.value(of: "lmcache_server_client_hits_total{client=\"127.0.0.1\",stored_by=\"unknown\"}") == 3)
  }

  /// Of the names of one request each is counted where it was found.
  @Test(arguments: IODriver.available)
  func aListOfNamesIsCountedOneByOne(driver: IODriver) throws {
    let disk = try DiskDirectory()
    var server = try RunningServer(driver, disk.flags())
    let names = (0..<4).map { "vllm@llama@1@0@\($0)@half" }
    let resp = try server.resp()
    for name in names { #expect(try resp.ask("SET", name, String(repeating: "v", count: 40_000)) == "+OK\r\n") }
    #expect(try server.stop() == .exited(0))
    server = try RunningServer(driver, disk.flags())
    try eventually("the disk is known") {
      try server.metrics().value(of: "lmcache_server_model_chunks{model=\"llama\",tier=\"disk\"}") == 4
    }
    let again = try server.resp()
    try again.send("GET", names[1])
    #expect(try again.bulk().count == 40_000)
    let reply = try again.ask("MGET", names[0], names[1], "absent", names[2], names[1])
    let found = "$40000\r\n" + String(repeating: "v", count: 40_000) + "\r\n"
    #expect(reply == "*5\r\n" + found + found + "$-1\r\n" + found + found)
    let metrics = try server.metrics()
    #expect(metrics.value(of: "lmcache_server_hits_total{tier=\"disk\"}") == 3)
    #expect(metrics.value(of: "lmcache_server_hits_total{tier=\"memory\"}") == 2)
    #expect(metrics.value(of: "lmcache_server_hit_bytes_total{tier=\"disk\"}") == 120_000)
  }

  @Test(arguments: IODriver.available)
  func statsAreSmallAndSayTheSame(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let lm = try server.lm()
    try lm.putAndSee("vllm@llama@1@0@1@half@tenant%acme", Payload.bytes(3000, seed: 1))
    #expect(try lm.get("vllm@llama@1@0@1@half@tenant%acme") != nil)
    let body = try server.web().get("/stats").body
    #expect(body.utf8.count < 8192)
    let stats = try #require(JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
    for name in [
      "status", "version", "boot_id", "uptime_seconds", "loops", "driver", "driver_reason", "loop_lag_longest_seconds",
      "connections", "memory", "tiers", "policy", "lookups", "fetches", "puts", "evictions", "leases_broken",
      "received_bytes", "sent_bytes", "refusals", "models", "tags", "clients",
    ] {
      #expect(stats[name] != nil, "\(name)")
    }
    let model = try row(stats, "models", "model", "llama")
    #expect(model["memory_chunks"] as? Int == 1 && model["memory_bytes"] as? Int == 3000)
    #expect(model["fetch_hits"] as? Int == 1 && model["named"] as? Bool == true)
    #expect(try row(stats, "tags", "tag", "tenant%acme")["puts"] as? Int == 1)
    let client = try row(stats, "clients", "client", "127.0.0.1")
    #expect(client["connections"] as? Int == 1 && client["hits_of_own"] as? Int == 1)
    let tier = try #require((stats["tiers"] as? [[String: Any]])?.first)
    #expect(tier["tier"] as? String == "memory" && tier["chunks"] as? Int == 1 && tier["hits"] as? Int == 1)
    #expect((stats["policy"] as? [String: Any])?["name"] as? String == "returns")
  }

  @Test(arguments: IODriver.available)
  func loopsTellHowLongTheirTurnsTake(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--loops", "2"])
    let metrics = try server.metrics()
    #expect(metrics.value(of: "lmcache_server_loop_lag_seconds_count") ?? 0 > 0)
    let loops = try #require(metrics.families["lmcache_server_loop_lag_longest_seconds"]).samples
    #expect(loops.map { $0.labels["loop"] } == ["0", "1"] && loops[0].value > 0)
  }
}

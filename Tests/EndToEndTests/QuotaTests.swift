import Foundation
import Testing

/// Quotas as clients and operators see them.
@Suite
struct QuotaTests {
  private static let length = 500_000

  @Test(arguments: IODriver.available)
  func aModelAtItsQuotaCostsNoOther(driver: IODriver) throws {
    let server = try RunningServer(
      driver, ["--quota", "model=greedy:4MiB", "--quota", "tag:team=b:2MiB", "--lease", "0"], memory: "64MiB")
    let (resp, lm) = (try server.resp(), try server.lm())
    for number in 0..<20 {
      let value = Payload.bytes(Self.length, seed: UInt64(number))
      #expect(try resp.ask([Array("SET".utf8), Array("frugal@1@0@\(number)@half".utf8), value]) == "+OK\r\n")
    }
    for number in 0..<40 {
      let value = Payload.bytes(Self.length, seed: UInt64(100 + number))
      if number % 2 == 0 {
        #expect(try resp.ask([Array("SET".utf8), Array("greedy@1@0@\(number)@halfkv_bytes".utf8), value]) == "+OK\r\n")
      } else {
        try lm.put("greedy@1@0@\(number)@half", value)
      }
    }
    try eventually("the last one is there") { try server.metric("lmcache_server_published_total") == 60 }
    let quota = "{quota=\"model=greedy\"}"
    #expect(try server.metric("lmcache_server_quota_limit_bytes\(quota)") == 4 * 1024 * 1024)
    #expect(try server.metric("lmcache_server_quota_bytes\(quota)") <= 4 * 1024 * 1024)
    let chunks = try server.metric("lmcache_server_quota_chunks\(quota)")
    #expect((7...8).contains(chunks))
    #expect(try server.metric("lmcache_server_quota_evictions_total\(quota)") == 40 - chunks)
    #expect(try server.metric("lmcache_server_evictions_total{for=\"quota\"}") == 40 - chunks)
    for number in 0..<20 { #expect(try resp.ask("EXISTS", "frugal@1@0@\(number)@half") == ":1\r\n") }
    #expect(try resp.ask("EXISTS", "greedy@1@0@0@halfkv_bytes") == ":0\r\n")
    // Larger than all of it, from a client that is told, and from one that cannot be.
    let large = Payload.bytes(2_500_000, seed: 9)
    #expect(try resp.ask("CLIENT", "SETNAME", "x") == "+OK\r\n")
    #expect(try resp.ask([Array("SET".utf8), Array("m@1@0@1@half@team%b".utf8), large]).hasPrefix("-OOM"))
    try lm.put("m@1@0@2@half@team%b", large)
    #expect(try lm.health())
    #expect(try server.drops("quota") == 2)
    #expect(try server.metric("lmcache_server_quota_drops_total{quota=\"tag:team=b\"}") == 2)
    #expect(try server.metric("lmcache_server_quota_bytes{quota=\"tag:team=b\"}") == 0)
  }

  @Test func withoutQuotasThereAreNoSeries() throws {
    let server = try RunningServer(.epoll)
    #expect(try !server.web().get("/metrics").body.contains("_quota_"))
  }
}

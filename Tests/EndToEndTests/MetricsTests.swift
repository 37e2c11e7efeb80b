import Foundation
import Testing
import Wire

@Suite
struct MetricsTests {
  @Test(arguments: IODriver.available)
  func theDriverIsNamed(driver: IODriver) throws {
    let exposition = try RunningServer(driver).metrics()
    let info = try #require(exposition.families["lmcache_server_io_driver_info"]?.samples.first)
    #expect(info.labels["driver"]?.contains(driver.rawValue) == true)
  }

  @Test(arguments: IODriver.available)
  func everyRequestIsCountedOnce(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let client = try server.lm()
    for index in 0..<5 { try client.put("key \(index)", Payload.bytes(1000, seed: UInt64(index))) }
    for index in 0..<7 { #expect(try client.exists("key \(index)") == (index < 5)) }
    for index in 0..<8 { #expect(try (client.get("key \(index)") != nil) == (index < 5)) }
    #expect(try client.list().count == 5)
    #expect(try client.health())
    let metrics = try server.metrics()
    func requests(_ command: String, _ outcome: String) -> Double? {
      metrics.value(of: "lmcache_server_requests_total{command=\"\(command)\",outcome=\"\(outcome)\",protocol=\"lm\"}")
    }
    #expect(requests("put", "stored") == 5)
    #expect(requests("exist", "hit") == 5 && requests("exist", "miss") == 2)
    #expect(requests("get", "hit") == 5 && requests("get", "miss") == 3)
    #expect(requests("list", "ok") == 1 && requests("health", "ok") == 1)
    #expect(metrics.value(of: "lmcache_server_objects") == 5)
    #expect(metrics.value(of: "lmcache_server_connections{protocol=\"lm\"}") == 1)
    #expect(metrics.value(of: "lmcache_server_leases_granted_total") == 5)
    #expect(metrics.value(of: "lmcache_server_request_duration_seconds_count{command=\"put\"}") == 5)
    #expect(metrics.value(of: "lmcache_server_request_duration_seconds_count{command=\"exist\"}") == 7)
    for command in ["put", "get", "exist", "list"] {
      let seconds = metrics.value(of: "lmcache_server_request_duration_seconds_sum{command=\"\(command)\"}") ?? 0
      #expect(seconds > 0, "\(command) takes its time")
    }
    let requestBytes = Double((5 + 7 + 8 + 1 + 1) * LMGeneration.nineInts.requestBytes + 5 * 1000)
    #expect((metrics.value(of: "lmcache_server_received_bytes_total") ?? 0) >= requestBytes)
  }

  @Test(arguments: IODriver.available)
  func requestsByRESPTakeTheirTime(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let client = try server.resp()
    for _ in 0..<3 {
      #expect(try client.ask("SET", "key", "value") == "+OK\r\n")
      #expect(try client.ask("EXISTS", "key") == ":1\r\n")
      #expect(try client.ask("GET", "key") == "$5\r\nvalue\r\n")
    }
    let metrics = try server.metrics()
    for command in ["put", "get", "exist"] {
      let name = "lmcache_server_request_duration_seconds"
      #expect(metrics.value(of: "\(name)_count{command=\"\(command)\"}") == 3)
      #expect(metrics.value(of: "\(name)_sum{command=\"\(command)\"}") ?? 0 > 0, "\(command)")
    }
  }
}

import Testing

/// Clients store faster than the disk is to write.
@Suite struct DiskPaceTests {
  /// Whatever is written when: nothing is refused for it, and what was not written is counted.
  @Test(arguments: IODriver.available, [["auto"], ["evicted", "--disk-write-rate", "4GiB"]])
  func noPutWaitsForTheDisk(driver: IODriver, mode: [String]) throws {
    let directory = try DiskDirectory()
    let server = try RunningServer(driver, directory.flags("--disk-write") + mode)
    try server.becomes("serving")
    let (resp, value) = (try server.resp(), Payload.bytes(1 << 20, seed: 1))
    for number in 0..<200 {
      #expect(try resp.ask([Array("SET".utf8), Array("k\(number)".utf8), value]) == "+OK\r\n")
    }
    let metrics = try server.metrics()
    #expect(metrics.sum("lmcache_server_dropped_puts_total") == 0)
    #expect(metrics.sum("lmcache_server_disk_queue_bytes") <= Double(4 << 20))
    let page = try server.web().get("/status.json").body
    #expect(page.contains("\"queue_bytes\": ") && !page.contains("\"queue_bytes\": null"))
    #expect(try server.stop() == .exited(0))
  }
}

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

  /// A quarter of what memory holds fits beside what was written before.
  @Test(arguments: ["auto", "all", "evicted"]) func anEndWritesTheMostValuableFirst(mode: String) throws {
    let directory = try DiskDirectory()
    let flags = ["--disk", directory.path, "--disk-size", "64MiB", "--disk-wait"]
    let first = try RunningServer(
      .epoll, flags + ["--disk-write", mode, "--disk-write-rate", "1MiB", "--disk-grace", "170"], memory: "256MiB")
    let lm = try first.lm()
    func value(_ number: Int) -> [UInt8] { Payload.bytes(200_000, seed: UInt64(number)) }
    for number in 0..<1000 { try lm.put("k\(number)", value(number)) }
    for _ in 0..<3 { for number in 970..<1000 { #expect(try lm.holds("k\(number)", value(number))) } }
    #expect(try first.stop() == .exited(0))
    let next = try RunningServer(.epoll, flags, memory: "256MiB")
    try next.becomes("serving")
    for number in 970..<1000 { #expect(try next.lm().holds("k\(number)", value(number)), "k\(number)") }
    #expect(try next.stop() == .exited(0))
  }
}

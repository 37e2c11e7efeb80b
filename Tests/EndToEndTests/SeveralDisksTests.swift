import Foundation
import Testing

/// Several directories, each a device on its own.
@Suite
struct SeveralDisksTests {
  private static let count = 60

  private func value(_ number: Int, _ version: Int = 0) -> [UInt8] {
    Payload.bytes(20_000 + 500 * number, seed: UInt64(1000 * version + number))
  }

  private func server(_ driver: IODriver, _ directories: [DiskDirectory]) throws -> RunningServer {
    let flags =
      directories.flatMap { ["--disk", $0.path] } + ["--disk-size", "64MiB", "--disk-wait", "--disk-write", "all"]
    let server = try RunningServer(driver, flags)
    try eventually("it is ready") { try server.status(of: "/readyz") == 200 }
    return server
  }

  @Test(arguments: IODriver.available)
  func eachKeepsItsShareWhateverTheirOrder(driver: IODriver) throws {
    let directories = try (0..<3).map { _ in try DiskDirectory() }
    let first = try server(driver, directories)
    let lm = try first.lm()
    for number in 0..<Self.count { try lm.putAndSee("k\(number)", value(number)) }
    try eventually("all are written") { try first.disks("written_chunks_total") >= Self.count }
    for number in 0..<Self.count where number % 3 == 0 { try lm.putAndSee("k\(number)", value(number, 1)) }
    let metrics = try first.metrics()
    for directory in directories {
      let written = metrics.value(of: "lmcache_server_disk_written_chunks_total{path=\"\(directory.path)\"}")
      #expect(try #require(written) > 0, "each has a share")
    }
    #expect(try first.stop() == .exited(0))

    let next = try server(driver, directories.reversed())
    #expect(try next.disks("chunks") == Self.count)
    for number in 0..<Self.count {
      #expect(try next.lm().holds("k\(number)", value(number, number % 3 == 0 ? 1 : 0)), "k\(number)")
    }
    #expect(try next.stop() == .exited(0))
  }

  /// One is lost with what was on it; of the others nothing is.
  @Test(arguments: IODriver.available)
  func ofOneThatIsLostTheRestIsThere(driver: IODriver) throws {
    let directories = try (0..<2).map { _ in try DiskDirectory() }
    let first = try server(driver, directories)
    let lm = try first.lm()
    for number in 0..<Self.count { try lm.putAndSee("k\(number)", value(number)) }
    #expect(try first.stop() == .exited(0))

    let next = try server(driver, [directories[1], try DiskDirectory()])
    let found = try next.disks("found_chunks_total")
    #expect(found > 0 && found < Self.count)
    var hits = 0
    for number in 0..<Self.count {
      guard let there = try next.lm().get("k\(number)") else { continue }
      hits += 1
      #expect(Payload.isSame(there.bytes, value(number)), "k\(number)")
    }
    #expect(hits == found)
  }
}

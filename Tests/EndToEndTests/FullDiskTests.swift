import Foundation
import Testing

/// A disk that has less room than the server was told, and one that fails.
@Suite(.enabled(if: OwnMount.isPossible, "mounts are not permitted here"))
struct FullDiskTests {
  private func value(_ number: Int) -> [UInt8] { Payload.bytes(200_000, seed: UInt64(number)) }

  private func server(_ driver: IODriver, _ directory: DiskDirectory, _ options: String) throws -> RunningServer {
    try RunningServer(
      driver, directory.flags("--disk-write", "all", "--disk-write-rate", "1GiB"), memory: "32MiB",
      through: OwnMount.words(options, at: directory.path))
  }

  /// How many of those that were stored can be read, and are what they were.
  private func found(_ range: Range<Int>, _ server: RunningServer) throws -> Int {
    let lm = try server.lm()
    return try range.count { number in
      guard let found = try lm.get("k\(number)") else { return false }
      guard Payload.isSame(found.bytes, value(number)) else { throw HarnessFailure("k\(number) is another's") }
      return true
    }
  }

  /// Without look-ups, which would hold what was stored.
  private func put(_ range: Range<Int>, _ server: RunningServer) throws {
    let lm = try server.lm()
    for number in range {
      try lm.put("k\(number)", value(number))
      usleep(2000)
    }
    #expect(try lm.health())
  }

  /// Enough for some segments: the server does with those.
  @Test(arguments: IODriver.available)
  func aDiskThatIsSmallerThanToldIsUsedAsFarAsItGoes(driver: IODriver) throws {
    let directory = try DiskDirectory()
    let server = try server(driver, directory, "size=24m")
    var stored = 0
    try eventually("segments are used again") {
      try put(stored..<stored + 50, server)
      stored += 50
      return try server.disks("reclaimed_segments_total") > 3
    }
    #expect(server.log.contains("the disk goes on with 5 segments of 13"), "\(server.log)")
    #expect(try server.diskState() == "serving" && server.disks("allocated_bytes") == 20 << 20)
    #expect(try found(0..<stored, server) > 80)
    #expect(try server.stop() == .exited(0))
  }

  /// Too little to go on with: it is written again when there is more.
  @Test(arguments: IODriver.available)
  func aFullDiskIsSaidUntilItHasRoom(driver: IODriver) throws {
    let directory = try DiskDirectory()
    let server = try server(driver, directory, "size=7m")
    try put(0..<60, server)
    try server.becomes("read_only")
    let answer = try server.web().get("/readyz")
    #expect(answer.status == 200 && answer.body.contains("\"status\": \"degraded\""))
    #expect(answer.body.contains("the device is full"), "\(answer.body)")
    #expect(try found(0..<60, server) > 50)
    try OwnMount.change(server, "mount", "-o", "remount,size=100m", directory.path)
    try server.becomes("serving")
    try put(60..<120, server)
    try eventually("it is written") { try server.disks("chunks") >= 50 }
    #expect(try found(60..<120, server) == 60)
    #expect(try server.stop() == .exited(0))
  }

  /// Not even for its header.
  @Test func aDiskWithoutAnyRoomIsSaid() throws {
    let directory = try DiskDirectory()
    let server = try server(.epoll, directory, "size=4k")
    try server.becomes("off")
    #expect(try server.web().get("/readyz").body.contains("the device is full"))
    try OwnMount.change(server, "mount", "-o", "remount,size=100m", directory.path)
    try server.becomes("serving")
    #expect(try server.stop() == .exited(0))
  }

  @Test func aDiskThatCanOnlyBeReadIsSaid() throws {
    let directory = try DiskDirectory()
    let server = try server(.epoll, directory, "ro")
    try server.becomes("off")
    let body = try server.web().get("/readyz").body
    #expect(body.contains("read-only") && body.contains("fsGroup"), "\(body)")
    try OwnMount.change(server, "mount", "-o", "remount,rw", directory.path)
    try server.becomes("serving")
    try server.lm().putAndSee("k0", value(0))
    try eventually("it is written") { try server.disks("chunks") == 1 }
    #expect(try server.stop() == .exited(0))
  }

  /// Detached while it is used: what is open is there until the end, whatever the path says by then.
  @Test func aDiskThatIsDetachedServesUntilTheEnd() throws {
    let directory = try DiskDirectory()
    let server = try server(.epoll, directory, "size=100m")
    try put(0..<100, server)
    try eventually("they are written") { try server.disks("chunks") == 100 }
    try OwnMount.change(server, "umount", "--lazy", directory.path)
    try put(100..<300, server)
    #expect(try server.status(of: "/readyz") == 200)
    #expect(try found(0..<300, server) > 150)
    #expect(try server.stop() == .exited(0))
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
  }
}

import Foundation
import Testing

/// Whatever is wrong with a disk, the server serves from memory, says so, and goes back to the disk when it can.
@Suite
struct DiskTroubleTests {
  private func value(_ number: Int) -> [UInt8] { Payload.bytes(100_000, seed: UInt64(number)) }

  /// Memory serves, and the server is ready, though not well.
  private func expectDegraded(_ server: RunningServer, _ words: String) throws {
    let answer = try server.web().get("/readyz")
    #expect(answer.status == 200 && answer.body.contains("\"status\": \"degraded\""), "\(answer.body)")
    #expect(answer.body.contains(words), "\(answer.body)")
    #expect(server.log.contains(words), "\(server.log)")
    try server.lm().putAndSee("k", value(1))
    #expect(try server.lm().holds("k", value(1)))
  }

  /// Words that start the program and let it end.
  private func end(_ flags: [String]) throws -> (end: Child.End, complaint: String) {
    let child = try Child(RunningServer.program, ["--port", "0", "--memory", "64MiB"] + flags)
    return (try child.wait(), child.standardError)
  }

  // MARK: A directory that cannot be used

  /// Also root may make nothing there.
  private static let forbidden = "/sys/lmcache-server-disk"

  @Test(arguments: IODriver.available)
  func aDirectoryThatMayNotBeWrittenIsSaid(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--disk", Self.forbidden])
    try server.becomes("off")
    try expectDegraded(server, "fsGroup")
    let line = try #require(server.log.split(separator: "\n").first { $0.contains("fsGroup") })
    #expect(line.contains("uid \(geteuid())") && line.contains(Self.forbidden))
    #expect(try server.stop() == .exited(0))
  }

  @Test func aRequiredDirectoryIsThereOrNothingIs() throws {
    for path in [Self.forbidden, "/nonexistent/disk", "/dev/null"] {
      let refused = try end(["--disk", path, "--disk-require"])
      #expect(refused.end == .exited(1) && refused.complaint.contains(path), "\(refused)")
      #expect(refused.complaint.split(separator: "\n").count == 1, "\(refused.complaint)")
    }
    let directory = try DiskDirectory()
    let server = try RunningServer(.epoll, directory.flags("--disk-require"))
    try server.becomes("serving")
    let second = try end(directory.flags("--disk-require"))
    #expect(second.end == .exited(1) && second.complaint.contains("another process has it"), "\(second)")
  }

  // MARK: A directory of something else

  private func anotherVersion() throws -> DiskDirectory {
    let golden = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../DiskTests/Golden")
    let directory = try DiskDirectory()
    try FileManager.default.copyItem(atPath: golden.standardized.path(), toPath: directory.path)
    let file = URL(filePath: "\(directory.path)/device")
    var bytes = try Data(contentsOf: file)
    (bytes[12], bytes[4096 + 12]) = (9, 9)
    try bytes.write(to: file)
    return directory
  }

  private func foreign() throws -> DiskDirectory {
    let directory = try DiskDirectory()
    try directory.make()
    try Data("mine".utf8).write(to: URL(filePath: "\(directory.path)/precious"))
    return directory
  }

  @Test(arguments: [true, false])
  func whatIsOfSomethingElseIsLeftAlone(isVersion: Bool) throws {
    let directory = try isVersion ? anotherVersion() : foreign()
    let before = try directory.contents()
    let server = try RunningServer(.epoll, directory.flags())
    try server.becomes("off")
    try expectDegraded(server, isVersion ? "it is of format 9" : "it holds files of something else")
    #expect(server.log.contains("--disk-format"))
    #expect(try server.stop() == .exited(0))
    #expect(try directory.contents().filter { $0.key != "lock" } == before.filter { $0.key != "lock" })
    let refused = try end(directory.flags("--disk-require"))
    #expect(refused.end == .exited(1) && refused.complaint.contains("--disk-format"), "\(refused)")
  }

  @Test(arguments: [true, false])
  func itIsBegunAfreshWhenThatIsAskedFor(isVersion: Bool) throws {
    let directory = try isVersion ? anotherVersion() : foreign()
    let server = try RunningServer(.epoll, directory.flags("--disk-format", "--disk-require", "--disk-write", "all"))
    try server.becomes("serving")
    try server.lm().putAndSee("k", value(1))
    try eventually("it is written") { try server.disks("chunks") == 1 }
    #expect(try server.stop() == .exited(0))
    if !isVersion { #expect(try directory.contents()["precious"] == Data("mine".utf8)) }
    let next = try RunningServer(.epoll, directory.flags())
    try next.becomes("serving")
    #expect(try next.lm().holds("k", value(1)))
  }

  // MARK: A directory that another process has

  /// A rolling update: the second one serves from memory, and what it stores or deletes is newer than what it finds.
  @Test(arguments: IODriver.available)
  func aSecondServerWaitsForTheFirst(driver: IODriver) throws {
    let directory = try DiskDirectory()
    let first = try RunningServer(driver, directory.flags("--disk-write", "all"))
    for key in ["kept", "replaced", "deleted", "unseen"] { try first.lm().putAndSee(key, value(1)) }
    try eventually("they are written") { try first.disks("chunks") == 4 }
    let second = try RunningServer(driver, directory.flags("--disk-wait"))
    try second.becomes("waiting")
    let answer = try second.web().get("/readyz")
    #expect(answer.status == 200 && answer.body.contains("\"status\": \"ok\""), "an update would not go on without")
    #expect(try second.lm().get("kept") == nil)
    for key in ["replaced", "deleted"] { try second.lm().putAndSee(key, value(2)) }
    #expect(try second.resp().ask("DEL", "deletedkv_bytes") == ":1\r\n")
    #expect(try second.resp().ask("DEL", "unseenkv_bytes") == ":0\r\n")
    #expect(try first.lm().holds("replaced", value(1)))
    #expect(try first.stop() == .exited(0))
    try second.becomes("serving")
    #expect(try second.lm().holds("kept", value(1)) && second.lm().holds("replaced", value(2)))
    for key in ["deleted", "unseen"] { #expect(try second.lm().get(key) == nil, "\(key)") }
    #expect(try second.stop() == .exited(0))
    let third = try RunningServer(driver, directory.flags("--disk-wait"))
    try eventually("it is ready") { try third.status(of: "/readyz") == 200 }
    #expect(try third.lm().holds("kept", value(1)) && third.lm().holds("replaced", value(2)))
    for key in ["deleted", "unseen"] { #expect(try third.lm().get(key) == nil, "\(key)") }
  }

  @Test func whatASecondServerFlushesIsGone() throws {
    let directory = try DiskDirectory()
    let first = try RunningServer(.epoll, directory.flags())
    try first.lm().putAndSee("k", value(1))
    let second = try RunningServer(.epoll, directory.flags("--allow-flush"))
    try second.becomes("waiting")
    #expect(try second.resp().ask("FLUSHALL") == "+OK\r\n")
    try second.lm().putAndSee("later", value(2))
    #expect(try first.stop() == .exited(0))
    try second.becomes("serving")
    #expect(try second.lm().get("k") == nil && second.lm().holds("later", value(2)))
    #expect(try second.disks("found_chunks_total") == 0)
  }

  @Test func aServerThatWaitsEndsAtOnce() throws {
    let directory = try DiskDirectory()
    let first = try RunningServer(.epoll, directory.flags())
    try first.becomes("serving")
    let second = try RunningServer(.epoll, directory.flags())
    try second.becomes("waiting")
    #expect(try second.stop() == .exited(0))
    #expect(try first.diskState() == "serving")
  }

  // MARK: A directory that goes away

  /// What is open can be read; what it needs beyond that is missed, and looked for again.
  @Test(arguments: IODriver.available)
  func aDirectoryThatIsRemovedIsMissed(driver: IODriver) throws {
    let directory = try DiskDirectory()
    let server = try RunningServer(
      driver, directory.flags("--disk-write", "all", "--disk-write-rate", "1GiB"), memory: "32MiB")
    let lm = try server.lm()
    try lm.putAndSee("before", value(1))
    try eventually("it is written") { try server.disks("chunks") == 1 }
    try FileManager.default.removeItem(atPath: directory.path)
    for number in 2..<200 {
      try lm.put("k\(number)", value(number))
      usleep(2000)
    }
    #expect(try lm.health())
    try eventually("it is missed") { try ["read_only", "off"].contains(server.diskState()) }
    #expect(try server.status(of: "/readyz") == 200)
    #expect(try lm.holds("k199", value(199)))
    for number in 2..<200 {
      guard let found = try lm.get("k\(number)") else { continue }
      #expect(Payload.isSame(found.bytes, value(number)))
    }
    #expect(try server.stop() == .exited(0))
  }
}

import Base
import Foundation
import Testing
import Wire

/// What a server keeps on disk another one finds, as it was.
@Suite
struct DiskRestartTests {
  private func value(_ number: Int) -> [UInt8] { Payload.bytes(10_000 + 4000 * number, seed: UInt64(number)) }

  /// A server that is ready when it knows what it has.
  private func server(_ driver: IODriver, _ directory: DiskDirectory, _ more: String..., memory: String = "64MiB")
    throws -> RunningServer
  {
    let server = try RunningServer(driver, directory.flags("--disk-wait") + more, memory: memory)
    try eventually("it is ready") { try server.status(of: "/readyz") == 200 }
    return server
  }

  // MARK: A disk with less room than memory

  /// Each copy that is written takes another one's place, while memory has them all: that must come to an end.
  @Test(arguments: IODriver.available)
  func aDiskSmallerThanMemoryComesToRest(driver: IODriver) throws {
    let directory = try DiskDirectory()
    let server = try RunningServer(
      driver,
      ["--disk", directory.path, "--disk-size", "64MiB", "--disk-wait", "--disk-write", "all"]
        + ["--disk-write-rate", "1GiB"], memory: "256MiB")
    let lm = try server.lm()
    func store(_ numbers: Range<Int>) throws {
      for number in numbers { try lm.put("k\(number)", Payload.bytes(200_000, seed: UInt64(number))) }
      #expect(try lm.health())
      try eventually("all are written") { try server.disks("written_chunks_total") >= numbers.upperBound }
    }
    try store(0..<500)
    #expect(try server.disks("reclaimed_segments_total") > 0)
    try store(500..<550)
    #expect(try server.disks("written_chunks_total") == 550)
    for number in 0..<550 {
      #expect(try lm.holds("k\(number)", Payload.bytes(200_000, seed: UInt64(number))), "memory has all of them")
    }
    #expect(try server.stop() == .exited(0))
  }

  // MARK: SIGTERM

  /// Nothing was evicted, and nothing had been written for want of time: the end writes it.
  @Test(arguments: IODriver.available, ["auto", "all", "evicted"])
  func anEndWritesWhatMemoryHolds(driver: IODriver, mode: String) throws {
    let directory = try DiskDirectory()
    let first = try server(driver, directory, "--disk-write", mode)
    let lm = try first.lm()
    for number in 0..<40 { try lm.putAndSee("k\(number)", value(number)) }
    #expect(try first.stop() == .exited(0))
    #expect(first.log.contains("the disk is closed"))
    let next = try server(driver, directory)
    #expect(try next.disks("found_chunks_total") == 40)
    for number in 0..<40 {
      let found = try #require(try next.lm().get("k\(number)"), "k\(number)")
      #expect(Payload.isSame(found.bytes, value(number)) && found.meta == LMPeer.meta)
    }
  }

  @Test func withoutGraceNothingIsWrittenAtTheEnd() throws {
    let directory = try DiskDirectory()
    let first = try server(.epoll, directory, "--disk-write", "evicted", "--disk-grace", "0")
    try first.lm().putAndSee("k", value(1))
    #expect(try first.stop() == .exited(0))
    let next = try server(.epoll, directory)
    #expect(try next.lm().get("k") == nil)
  }

  /// A second end has nothing to write: it is all there.
  @Test func whatIsThereIsNotWrittenAgain() throws {
    let directory = try DiskDirectory()
    let first = try server(.epoll, directory)
    for number in 0..<10 { try first.lm().putAndSee("k\(number)", value(number)) }
    #expect(try first.stop() == .exited(0))
    for _ in 0..<2 {
      let next = try server(.epoll, directory)
      for number in 0..<10 { #expect(try next.lm().holds("k\(number)", value(number))) }
      let written = try next.disks("written_chunks_total")
      #expect(try next.stop() == .exited(0))
      #expect(written == 0 && next.log.contains("records=10"), "\(next.log)")
    }
  }

  // MARK: What is kept

  @Test(arguments: IODriver.available)
  func everythingThatIsKnownOfAValueIsKept(driver: IODriver) throws {
    let directory = try DiskDirectory()
    let first = try server(driver, directory)
    let shapes = [LMPeer.meta, ObjectMeta(format: 2, type: 5, shape: (1, 2, 3, 4), location: 7)]
    for (number, shape) in shapes.enumerated() { try first.lm().putAndSee("l\(number)", value(number), meta: shape) }
    let old = try first.lm(.v0)
    try old.putAndSee("old", value(3))
    let resp = try first.resp()
    let metadata = try Self.pair(resp, "pair", length: 4096)
    for (name, words) in [("plain", []), ("long", ["EX", "1000"]), ("short", ["PX", "1500"])] {
      let reply = try resp.ask([Array("SET".utf8), Array(name.utf8), value(4)] + words.map { Array($0.utf8) })
      #expect(reply == "+OK\r\n")
    }
    #expect(try first.stop() == .exited(0))
    usleep(1_600_000)

    let next = try server(driver, directory)
    for (number, shape) in shapes.enumerated() {
      let found = try #require(try next.lm().get("l\(number)"))
      #expect(found.meta == shape && Payload.isSame(found.bytes, value(number)))
    }
    #expect(Payload.isSame(try #require(try next.lm(.v0).get("old")).bytes, value(3)))
    let peer = try next.resp()
    #expect(try peer.ask("GET", "short") == "$-1\r\n" && peer.ask("PTTL", "short") == ":-2\r\n")
    #expect(try peer.ask("TTL", "plain") == ":-1\r\n")
    let left = try #require(Int(try peer.ask("TTL", "long").filter(\.isNumber)))
    #expect((900...999).contains(left), "\(left)")
    for name in ["plain", "long"] {
      try peer.send("GET", name)
      #expect(Payload.isSame(try peer.bulk(), value(4)))
    }
    try peer.send("GET", "pairmetadata")
    #expect(try peer.bulk() == metadata)
    try peer.send("GET", "pairkv_bytes")
    #expect(Payload.isSame(try peer.bulk(), Payload.bytes(4096, seed: 9)))
  }

  /// Stores both halves of an object; what its metadata is.
  private static func pair(_ resp: RESPPeer, _ key: String, length: Int) throws -> [UInt8] {
    var metadata = [UInt8](repeating: 0, count: ObjectMeta.firstGroupEnd)
    metadata.withUnsafeMutableBytes { room in
      var output = OutputRawSpan(buffer: room, initializedCount: 0)
      ObjectMeta(format: 1, type: 3, shape: (2, 8, 32, 4)).encode(statedLength: Int32(length), into: &output)
      _ = output.finalize(for: room)
    }
    // Another group, as engines say it that have several.
    metadata += metadata[ObjectMeta.headBytes...]
    for (name, bytes) in [("kv_bytes", Payload.bytes(length, seed: 9)), ("metadata", metadata)] {
      let reply = try resp.ask([Array("SET".utf8), Array((key + name).utf8), bytes])
      guard reply == "+OK\r\n" else { throw HarnessFailure("SET \(name): \(reply)") }
    }
    return metadata
  }

  @Test func nobodyElseMayReadIt() throws {
    let directory = try DiskDirectory()
    let first = try RunningServer(
      .epoll, directory.flags("--disk-write", "all"), shell: "umask 000")
    for number in 0..<100 { try first.lm().putAndSee("k\(number)", value(number)) }
    #expect(try first.stop() == .exited(0))
    #expect(try directory.mode() == 0o700)
    let names = try directory.contents().keys.sorted()
    #expect(names.starts(with: ["device"]) && names.contains("segment-00000000") && names.contains("lock"), "\(names)")
    for name in names { #expect(try directory.mode(of: name) == 0o600, "\(name)") }
  }

  // MARK: What is gone

  @Test(arguments: IODriver.available)
  func whatWasFlushedDoesNotComeBack(driver: IODriver) throws {
    let directory = try DiskDirectory()
    let first = try server(driver, directory, "--disk-write", "all", "--allow-flush")
    for number in 0..<20 { try first.lm().putAndSee("k\(number)", value(number)) }
    try eventually("they are written") { try first.disks("chunks") == 20 }
    #expect(try first.resp().ask("FLUSHALL") == "+OK\r\n")
    first.child.signal(SIGKILL)
    #expect(try first.child.wait() == .signalled(SIGKILL))
    let next = try server(driver, directory)
    for number in 0..<20 { #expect(try next.lm().get("k\(number)") == nil) }
    #expect(try next.disks("chunks") == 0 && next.disks("found_chunks_total") == 0)
    #expect(try next.resp().ask("DBSIZE") == ":0\r\n")
  }

  @Test func whatWasReplacedOrDeletedBeforeAnEndIsGone() throws {
    let directory = try DiskDirectory()
    let first = try server(.epoll, directory, "--disk-write", "all")
    for number in 0..<20 { try first.lm().putAndSee("k\(number)", value(number)) }
    try eventually("they are written") { try first.disks("chunks") == 20 }
    for number in 0..<5 { try first.lm().putAndSee("k\(number)", value(number + 50)) }
    for number in 5..<10 { #expect(try first.resp().ask("DEL", "k\(number)kv_bytes") == ":1\r\n") }
    #expect(try first.stop() == .exited(0))
    let next = try server(.epoll, directory)
    for number in 0..<5 { #expect(try next.lm().holds("k\(number)", value(number + 50))) }
    for number in 5..<10 { #expect(try next.lm().get("k\(number)") == nil) }
    for number in 10..<20 { #expect(try next.lm().holds("k\(number)", value(number))) }
  }

  // MARK: Room

  /// Several times what it may take goes through it, and what is there can be read.
  @Test(arguments: IODriver.available)
  func aDiskNeverTakesMoreThanItMay(driver: IODriver) throws {
    let directory = try DiskDirectory()
    let flags = ["--disk-write", "all", "--disk-write-rate", "4GiB"]
    let first = try RunningServer(driver, directory.flags() + flags, memory: "32MiB")
    let lm = try first.lm()
    var most = 0
    func put(_ range: Range<Int>) throws {
      for number in range {
        try lm.put("k\(number)", Payload.bytes(1 << 20, seed: UInt64(number)))
        if number % 8 == 0 {
          _ = try lm.health()
          usleep(50_000)
          most = max(most, try directory.allocatedBytes())
        }
      }
    }
    var stored = 0
    try eventually("segments are used again") {
      try put(stored..<stored + 40)
      stored += 40
      return try first.disks("reclaimed_segments_total") >= 12
    }
    #expect(most <= 64 << 20 && most > 40 << 20, "\(most)")
    var found = 0
    for number in 0..<stored {
      guard let value = try lm.get("k\(number)") else { continue }
      #expect(Payload.isSame(value.bytes, Payload.bytes(1 << 20, seed: UInt64(number))))
      found += 1
    }
    #expect(found > 32, "more than memory has room for")
    #expect(try first.stop() == .exited(0))
    #expect(try directory.allocatedBytes() <= 64 << 20)
  }
}

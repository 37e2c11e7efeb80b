import Foundation
import Testing
import Wire

/// What is removed by the door of those who administer.
@Suite
struct RemovalTests {
  private let file: TokenFile
  private var flags: [String] { ["--admin", "127.0.0.1:0", "--admin-token-file", file.path, "--lease", "0"] }

  init() throws { file = try TokenFile() }

  private static func key(_ model: String, _ number: Int, tags: String = "") -> String {
    "\(model)@1@0@\(String(number, radix: 16))@half\(tags)"
  }

  @Test(arguments: IODriver.available)
  func aKeyAModelATagOrEverything(driver: IODriver) throws {
    let server = try RunningServer(driver, flags)
    let (admin, lm, resp) = (try server.admin(), try server.lm(), try server.resp())
    for number in 0..<10 {
      try lm.putAndSee(Self.key("meta/Llama", number), [UInt8](repeating: 1, count: 1000))
      try lm.putAndSee(Self.key("meta/Llama-2", number, tags: number < 4 ? "@user%alice" : "@user%alicia"), [2, 2])
    }
    #expect(try resp.ask("SET", "session:1", "x") == "+OK\r\n")
    let model = try admin.remove("model=meta%2FLlama")
    #expect(model["status"] as? Int == 200 && model["model"] as? String == "meta/Llama")
    #expect(model["chunks"] as? Int == 10 && model["bytes"] as? Int == 10_000)
    #expect(model["complete"] as? Bool == true && model["on_disk_only"] as? Int == 0)
    let tag = try admin.remove("tag=user=alice")
    #expect(tag["chunks"] as? Int == 4 && tag["bytes"] as? Int == 8)
    #expect(try admin.remove("tag=user=alice")["chunks"] as? Int == 0)
    let key = try admin.remove("key=\(Self.key("meta/Llama-2", 9, tags: "@user%25alicia"))")
    #expect(key["chunks"] as? Int == 1 && key["bytes"] as? Int == 2)
    for number in 0..<10 {
      #expect(try !lm.exists(Self.key("meta/Llama", number)))
      let isKept = (4..<9).contains(number)
      #expect(
        try lm.exists(Self.key("meta/Llama-2", number, tags: number < 4 ? "@user%alice" : "@user%alicia")) == isKept)
    }
    #expect(try resp.ask("EXISTS", "session:1") == ":1\r\n")
    let all = try admin.remove("all=yes")
    #expect(all["chunks"] as? Int == 6 && all["bytes"] as? Int == 11)
    #expect(try lm.list().isEmpty && resp.ask("DBSIZE") == ":0\r\n")
    try eventually("it is told") {
      server.log.contains("admin removed from=127.0.0.1:")
        && server.log.contains("what=model which=meta/Llama chunks=10 bytes=10000 incomplete=no")
    }
    #expect(
      try server.metric("lmcache_server_requests_total{command=\"admin\",outcome=\"ok\",protocol=\"admin\"}") == 5)
  }

  /// Nothing of it is there after the last step, but what came meanwhile; and everything else is.
  @Test(arguments: IODriver.available)
  func clientsGoOnWhileAModelGoes(driver: IODriver) throws {
    let server = try RunningServer(driver, flags + ["--loops", "2"], memory: "256MiB")
    let (admin, lm) = (try server.admin(), try server.lm())
    for number in 0..<8000 { try lm.put(Self.key("old", number), [1]) }
    for number in 0..<500 { try lm.put(Self.key("kept", number), [UInt8(truncatingIfNeeded: number)]) }
    #expect(try lm.exists(Self.key("kept", 499)))
    let isOver = Flag()
    let load = (0..<2).map { client in
      Background {
        let lm = try server.lm()
        var number = client
        while !isOver.isSet {
          try lm.put(Self.key("new\(client)", number % 300), [UInt8(truncatingIfNeeded: number)])
          guard try lm.holds(Self.key("new\(client)", number % 300), [UInt8(truncatingIfNeeded: number)]),
            try lm.holds(Self.key("kept", number % 500), [UInt8(truncatingIfNeeded: number % 500)])
          else { throw HarnessFailure("a value of another model went") }
          _ = try lm.get(Self.key("old", number % 8000))
          number += 1
        }
      }
    }
    let removed = try admin.remove("model=old")
    isOver.set()
    for client in load { try client.wait() }
    #expect(removed["chunks"] as? Int == 8000 && removed["bytes"] as? Int == 8000)
    let names = try lm.list()
    #expect(!names.contains { $0.hasPrefix("old@") } && names.count { $0.hasPrefix("kept@") } == 500)
  }

  /// Another process holds the disk, so nobody knows what of the model is there.
  @Test func aDiskThatWasNotLookedThroughIsSaid() throws {
    let directory = try DiskDirectory()
    let first = try RunningServer(.epoll, directory.flags())
    try first.becomes("serving")
    let second = try RunningServer(.epoll, flags + directory.flags())
    try second.becomes("waiting")
    try second.lm().putAndSee(Self.key("a", 1), [1])
    try second.lm().putAndSee(Self.key("b", 1), [1])
    for query in ["model=a", "tag=user=alice"] {
      let removed = try second.admin().remove(query)
      #expect(removed["status"] as? Int == 503 && removed["complete"] as? Bool == false, "\(query)")
      #expect(removed["chunks"] as? Int == (query.hasPrefix("tag") ? 0 : 1), "what is known of it went all the same")
      #expect((removed["error"] as? String)?.contains("look at /readyz") == true)
    }
    #expect(try second.admin().remove("key=x")["status"] as? Int == 200)
    let all = try second.admin().remove("all=yes")
    #expect(all["status"] as? Int == 200 && all["chunks"] as? Int == 1, "the disk is emptied before it is looked at")
  }

  /// What was removed does not come back from the disk, whatever the end of the process.
  @Test(arguments: IODriver.available)
  func removedChunksStayRemovedOnDisk(driver: IODriver) throws {
    let directory = try DiskDirectory()
    let flags = flags + directory.flags("--disk-wait", "--disk-write", "all")
    let first = try RunningServer(driver, flags, memory: "64MiB")
    try first.becomes("serving")
    let lm = try first.lm()
    for number in 0..<20 {
      try lm.putAndSee(Self.key("a", number), Payload.bytes(50_000, seed: UInt64(number)))
      try lm.putAndSee(Self.key("b", number), Payload.bytes(50_000, seed: UInt64(number)))
    }
    #expect(try first.stop() == .exited(0))
    // Nothing is in memory now.
    let second = try RunningServer(driver, flags, memory: "64MiB")
    try eventually("it is ready") { try second.status(of: "/readyz") == 200 }
    let removed = try second.admin().remove("model=a")
    #expect(removed["chunks"] as? Int == 20 && removed["bytes"] as? Int == 1_000_000)
    #expect(removed["on_disk_only"] as? Int == 20 && removed["complete"] as? Bool == true)
    for number in 0..<20 { #expect(try !second.lm().exists(Self.key("a", number))) }
    #expect(try second.stop() == .exited(0))
    let third = try RunningServer(driver, flags, memory: "64MiB")
    try eventually("it is ready") { try third.status(of: "/readyz") == 200 }
    for number in 0..<20 {
      #expect(try !third.lm().exists(Self.key("a", number)))
      #expect(try third.lm().holds(Self.key("b", number), Payload.bytes(50_000, seed: UInt64(number))))
    }
    #expect(try third.admin().remove("all=yes")["chunks"] as? Int == 20)
    third.child.signal(SIGKILL)
    _ = try third.child.wait()
    let last = try RunningServer(driver, flags, memory: "64MiB")
    try eventually("it is ready") { try last.status(of: "/readyz") == 200 }
    #expect(try last.disks("found_chunks_total") == 0)
  }
}

import Foundation
import Testing

/// `stats`, `ls`, `get` and `rm`, asked of a server.
@Suite struct ToolCommandTests {
  private static let key = "meta-llama/Llama-3@1@0@1f3a@bfloat16"

  /// A server that holds a chunk and two plain values.
  private static func filled(_ driver: IODriver = .epoll, _ flags: [String] = []) throws -> (RunningServer, [UInt8]) {
    let server = try RunningServer(driver, flags)
    let value = Payload.bytes(300_000, seed: 15)
    try server.lm().putAndSee(key, value)
    let client = try server.resp()
    #expect(try client.ask("SET", "plain", "one\ntwo") == "+OK\r\n")
    #expect(try client.ask("SET", "line\nend", "x") == "+OK\r\n")
    return (server, value)
  }

  // MARK: stats

  @Test(arguments: IODriver.available)
  func statsShowsWhatIsHeld(driver: IODriver) throws {
    let (server, _) = try Self.filled(driver)
    let run = try ToolRun("stats", server.place)
    #expect(run.end == .exited(0) && run.complaint.isEmpty)
    #expect(run.output.hasPrefix("\(server.place): ok, lmcache-server "))
    #expect(run.output.contains("\nheld         memory: 3 chunks, 293 KiB\n"), "\(run.output)")
    #expect(run.output.contains("\nstores       3 (293 KiB), 0 over older ones, 0 dropped\n"))
    #expect(run.output.contains("by \(driver.rawValue);"))
    #expect(run.output.contains("\nmeta-llama/Llama-3 "))
    let json = try ToolRun("stats", server.place, "--json")
    let page = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect(page?["status"] as? String == "ok" && page?["boot_id"] != nil)
  }

  @Test func statsShowsDisks() throws {
    let disk = FileManager.default.temporaryDirectory.appending(path: "lmcache-tools-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: disk) }
    let server = try RunningServer(.epoll, ["--disk", disk.path(), "--disk-size", "64MiB"])
    try eventually("the disk serves") { try server.web().get("/readyz").body.contains("\"serving\"") }
    let run = try ToolRun("stats", server.place)
    #expect(run.output.contains("\ndisk         \(disk.path()): serving, 0 chunks"), "\(run.output)")
    #expect(run.output.contains(" written, ") && run.output.contains("held         disk: 0 chunks"))
  }

  // MARK: ls

  @Test(arguments: IODriver.available)
  func lsShowsNames(driver: IODriver) throws {
    let (server, _) = try Self.filled(driver)
    let all = try ToolRun("ls", server.place)
    let names = ["\(Self.key)kv_bytes", "\(Self.key)metadata", "line\\nend", "plain"]
    #expect(all.end == .exited(0) && all.output.split(separator: "\n").map(String.init).sorted() == names.sorted())
    #expect(try ToolRun("ls", server.place, "meta*kv_bytes").output == names[0] + "\n")
    #expect(try ToolRun("ls", server.place, "nothing*").output == "")
    let long = try ToolRun("ls", "--long", server.place, "*kv_bytes")
    #expect(long.output == "     300000  \(names[0])\n")
    #expect(try ToolRun("ls", server.place, "line*", "--null").output == "line\nend\0")
  }

  /// More than a step of a scan, and a reader that leaves.
  @Test(arguments: IODriver.available)
  func lsGoesThroughAllAndEndsWithItsReader(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let client = try server.resp()
    let names = (0..<8_000).map { "name-\($0)" }
    for start in stride(from: 0, to: names.count, by: 1000) {
      try client.peer.send(names[start..<start + 1000].flatMap { RESPPeer.request("SET", $0, "x") })
      for _ in 0..<1000 { #expect(try client.reply() == Array("+OK\r\n".utf8)) }
    }
    let run = try ToolRun("ls", server.place)
    #expect(Set(run.output.split(separator: "\n").map(String.init)) == Set(names))
    let head = try ToolRun(shell: "set -o pipefail; \"$PROGRAM\" ls \(server.place) | head -n 3")
    #expect(head.end == .exited(0) && head.output.split(separator: "\n").count == 3 && head.complaint.isEmpty)
  }

  // MARK: get

  @Test(arguments: IODriver.available)
  func getWritesTheBytes(driver: IODriver) throws {
    let (server, value) = try Self.filled(driver)
    let file = FileManager.default.temporaryDirectory.appending(path: "lmcache-get-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    let run = try ToolRun("get", server.place, "\(Self.key)kv_bytes", "-o", file.path())
    #expect(run.end == .exited(0) && run.output.isEmpty && run.complaint.isEmpty)
    #expect(Payload.isSame(Array(try Data(contentsOf: file)), value))
    #expect(try ToolRun("get", server.place, "plain").output == "one\ntwo")
    #expect(
      try ToolRun(shell: "\"$PROGRAM\" get \(server.place) plain --output=/dev/stdout | cat").output == "one\ntwo")
    let shape = try ToolRun(shell: "\"$PROGRAM\" get \(server.place) '\(Self.key)metadata' | od -A n -t d4 -w28")
    #expect(
      shape.output.split(separator: " ").map { $0.trimmingCharacters(in: .newlines) } == [
        "300000", "1", "3", "2", "32", "256", "128",
      ])
  }

  @Test func whatIsNotThereIsNoFile() throws {
    let (server, _) = try Self.filled()
    let folder = FileManager.default.temporaryDirectory.appending(path: "lmcache-get-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "chunk").path()
    #expect(
      try ToolRun("get", server.place, Self.key, "-o", file).failed(1, "not there; lmcache-server ls \(server.place)"))
    #expect(try ToolRun("get", server.place, "plain", "-o", "/nowhere/file").failed(2, "No such file or directory"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()).isEmpty)
  }

  // MARK: rm

  @Test(arguments: IODriver.available)
  func rmRemovesByName(driver: IODriver) throws {
    let (server, _) = try Self.filled(driver)
    let run = try ToolRun("rm", server.place, "\(Self.key)metadata", "plain", "nothing")
    #expect(run.end == .exited(0) && run.output == "2 removed\n" && run.complaint.isEmpty)
    #expect(try server.resp().ask("DBSIZE") == ":1\r\n")
    let again = try ToolRun("rm", server.place, "plain")
    #expect(again.end == .exited(1) && again.output == "0 removed\n")
  }

  @Test(arguments: IODriver.available)
  func rmRemovesAtTheDoorOfAdministration(driver: IODriver) throws {
    let file = try TokenFile()
    let (server, _) = try Self.filled(driver, ["--admin", "127.0.0.1:0", "--admin-token-file", file.path])
    let admin = "127.0.0.1:\(try server.port(after: "admin listening"))"
    let lm = try server.lm()
    try lm.putAndSee("other@1@0@aa@bfloat16@user%al b", [1, 2, 3])
    try lm.putAndSee("other@1@0@ab@bfloat16", [1, 2, 3])
    let token = ["--token-file", file.path]
    func rm(_ words: String...) throws -> ToolRun { try ToolRun(["rm", admin] + words + token) }
    #expect(try rm("--tag", "user=al b", "--yes").output == "1 removed, 3 B\n")
    #expect(try rm("--model", "meta-llama/Llama-3", "--yes").output == "1 removed, 293 KiB\n")
    let none = try rm("--model", "meta-llama/Llama-3", "--yes")
    #expect(none.output == "0 removed, 0 B\n" && none.end == .exited(0))
    #expect(try rm("plain", "other@1@0@ab@bfloat16").output == "2 removed, 10 B\n")
    let absent = try rm("plain")
    #expect(absent.output == "0 removed, 0 B\n" && absent.end == .exited(1))
    #expect(try rm("--all", "--yes").output == "1 removed, 1 B\n")
    #expect(try server.resp().ask("DBSIZE") == ":0\r\n")
  }

  @Test func rmIsRefusedWithoutTheToken() throws {
    let (file, wrong) = (try TokenFile(), try TokenFile("b1946ac92492d2347c6235b4d2611185\n"))
    let (server, _) = try Self.filled(.epoll, ["--admin", "127.0.0.1:0", "--admin-token-file", file.path])
    let admin = "127.0.0.1:\(try server.port(after: "admin listening"))"
    #expect(try ToolRun("rm", admin, "--all", "--yes").failed(3, "the token is missing or wrong"))
    let run = try ToolRun("rm", admin, "--all", "--yes", "--token-file", wrong.path)
    #expect(try run.failed(3, "name its file with --token-file"))
    #expect(!run.complaint.contains("b1946"))
    // And at a door that is another.
    let data = try ToolRun("rm", server.place, "--all", "--yes", "--token-file", file.path)
    #expect(try data.failed(3, "HOST:PORT has to be the server's door of --admin"))
    #expect(try ToolRun("ls", admin).failed(3, "the server closed the connection"))
    #expect(try server.resp().ask("DBSIZE") == ":4\r\n")
  }

  /// By TLS too, and also where that is the only door.
  @Test(arguments: IODriver.available)
  func rmRemovesAtTheDoorOfAdministrationByTLS(driver: IODriver) throws {
    let file = try TokenFile()
    let (server, _) = try Self.filled(
      driver, ["--tls-admin", "0.0.0.0:0", "--admin-token-file", file.path, "--loops", "2"] + Certificates.shared.flags)
    let admin = "localhost:\(try server.port(after: "tls admin listening"))"
    let trust = ["--tls", "--ca", Certificates.shared.path("ca.crt")]
    #expect(try ToolRun(["rm", admin, "plain", "--admin"] + trust).failed(3, "the token is missing or wrong"))
    #expect(try ToolRun(["rm", admin, "plain", "--token-file", file.path]).end == .exited(3))
    // By any of the server's loops, were it another door.
    for _ in 0..<4 {
      let none = try ToolRun(["rm", admin, "absent", "--token-file", file.path] + trust)
      #expect(none.output == "0 removed, 0 B\n", "\(none.complaint)")
    }
    #expect(try ToolRun(["rm", admin, "plain", "--token-file", file.path] + trust).output == "1 removed, 7 B\n")
    let all = try ToolRun(["rm", admin, "--all", "--yes", "--token-file", file.path] + trust)
    #expect(all.end == .exited(0))
    #expect(try server.resp().ask("DBSIZE") == ":0\r\n")
    #expect(!server.log.contains("admin is not encrypted"))
  }

  /// Nothing that cannot be undone is done by a slip.
  @Test func rmOfManyWantsToBeSure() throws {
    let (server, _) = try Self.filled(.epoll, ["--admin", "127.0.0.1:0"])
    let admin = "127.0.0.1:\(try server.port(after: "admin listening"))"
    for aim in [["--all"], ["--model", "meta-llama/Llama-3"], ["--tag", "a=b"]] {
      #expect(try ToolRun(["rm", admin] + aim).failed(2, "add --yes"))
    }
    #expect(try server.resp().ask("DBSIZE") == ":4\r\n")
    #expect(try ToolRun("rm", admin, "plain", "--admin").output == "1 removed, 7 B\n")
  }

  // MARK: Help

  @Test(arguments: ["probe", "stats", "top", "ls", "get", "rm"])
  func helpIsPrinted(tool: String) throws {
    let run = try ToolRun(tool, "--help")
    #expect(run.end == .exited(0) && run.complaint.isEmpty)
    #expect(
      run.output.hasPrefix("lmcache-server \(tool) HOST") && run.output.contains("Examples:\n  lmcache-server \(tool) ")
    )
  }
}

import Foundation
import Testing
import Wire

/// The configuration file of the whole program, at its start and at SIGHUP.
@Suite
struct ConfigurationTests {
  private static func run(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> (end: Child.End, output: String, complaint: String) {
    let child = try Child(RunningServer.program, arguments, environment: environment)
    return (try child.wait(), child.standardOutput, child.standardError)
  }

  private static let shared = """
    chunk_size: 256
    local_cpu: true
    max_local_cpu_size: 5
    server:
      host: 127.0.0.1
      max_local_cpu_size: 0.0625
      lease: 0

    """

  @Test(arguments: IODriver.available)
  func oneFileServesEngineAndServer(driver: IODriver) throws {
    let mount = try ConfigurationMount(["lmcache.yaml": Self.shared])
    let path = mount.path("lmcache.yaml")
    for (flags, environment) in [(["--config", path], [:]), ([], ["LMCACHE_CONFIG_FILE": path])] {
      let server = try RunningServer(driver, flags, memory: nil, host: nil, environment: environment)
      #expect(try server.metric("lmcache_server_memory_budget_bytes") == Double(64 << 20))
      try eventually("the log says how the file was read") {
        server.log.contains(
          "configuration read file=\(path) reason=\"only its section 'server' counts; 3 other names are the engines'\"")
      }
      #expect(server.log.contains("host=127.0.0.1"))
      #expect(try server.lm().health())
      #expect(try server.stop() == .exited(0))
    }
  }

  @Test func eachValueIsPrintedWithItsSource() throws {
    let mount = try ConfigurationMount(["config.yaml": "port: 7000\nlease: 4\nlog_level: debug\n"])
    let path = mount.path("config.yaml")
    let shown = try Self.run(
      ["--print-config", "--lease", "5"],
      environment: [
        "LMCACHE_CONFIG_FILE": path, "LMCACHE_SERVER_LOG_LEVEL": "error", "LMCACHE_SERVER_PASSWORD": "hunter2",
      ])
    #expect(shown.end == .exited(0) && shown.complaint == "")
    let lines = shown.output.split(separator: "\n")
    for line in [
      "port: 7000  # \(path):1: port", "lease: 5  # --lease", "log_level: error  # LMCACHE_SERVER_LOG_LEVEL",
    ] {
      #expect(lines.contains { $0 == line }, "\(line)")
    }
    #expect(!shown.output.contains("hunter2"))
    // It is a file that says the same.
    try mount.replace(["config.yaml": shown.output])
    let again = try Self.run(["--print-config", "--config", path])
    #expect(again.output.contains("\nport: 7000  # ") && again.output.contains("\nlease: 5  # \(path):"))
  }

  @Test func whatIsWrongIsOneLine() throws {
    let mount = try ConfigurationMount(["config.yaml": "port: 7000\nmax_conections: 4\n"])
    let path = mount.path("config.yaml")
    let line = "lmcache-server: \(path):2: unknown name 'max_conections': did you mean max_connections?\n"
    for arguments in [["--print-config", "--config", path], ["--config=\(path)"]] {
      let refused = try Self.run(arguments)
      #expect(refused.end == .exited(2) && refused.complaint == line && refused.output == "")
    }
    try mount.replace(["config.yaml": "requirepass: /does/not/exist\n"])
    let missing = try Self.run(["--print-config", "--config", path])
    #expect(missing.end == .exited(2))
    #expect(
      missing.complaint
        == "lmcache-server: \(path):1: requirepass '/does/not/exist' cannot be read: No such file or directory\n")
  }

  /// Values of a megabyte go in and out all the while, and none is lost to a larger budget or ever wrong.
  @Test(arguments: IODriver.available)
  func budgetAndLogFollowUnderTraffic(driver: IODriver) throws {
    func text(_ memory: String, _ level: String) -> [String: String] {
      ["config.yaml": "server:\n  memory: \(memory)\n  lease: 0\n  log_level: \(level)\n"]
    }
    let mount = try ConfigurationMount(text("64MiB", "info"))
    let server = try RunningServer(driver, ["--config", mount.path("config.yaml")], memory: nil)
    let isOver = Flag()
    let load = Background {
      let client = try server.lm()
      var number = 0
      while !isOver.isSet {
        let value = Payload.bytes(1 << 20, seed: UInt64(number))
        try client.put("key \(number)", value)
        if let back = try client.get("key \(number)"), back.bytes != value { throw HarnessFailure("a wrong value") }
        number = (number + 1) % 300
      }
    }
    try mount.replace(text("256MiB", "debug"))
    try server.hangUp(until: "memory budget 64 MiB -> 256 MiB")
    #expect(try server.metric("lmcache_server_memory_budget_bytes") == Double(256 << 20))
    try eventually("there is more than there was room for") {
      try server.metric("lmcache_server_memory_used_bytes") > Double(100 << 20)
    }
    #expect(server.log.contains("log-level info -> debug reason=\"\(mount.path("config.yaml")):4: log_level says so\""))
    try mount.replace(text("64MiB", "debug"))
    try server.hangUp(until: "memory budget 256 MiB -> 64 MiB")
    try eventually("what is beyond it is gone") {
      try server.metric("lmcache_server_memory_used_bytes") <= Double(64 << 20)
    }
    isOver.set()
    try load.wait()
    #expect(try server.stop() == .exited(0))
  }

  @Test func aBrokenFileLeavesEverythingAsItIs() throws {
    let mount = try ConfigurationMount(["config.yaml": "memory: 64MiB\nport: 0\n"])
    let path = mount.path("config.yaml")
    let server = try RunningServer(.epoll, ["--config", path], memory: nil)
    let client = try server.lm()
    try client.putAndSee("kept", [1, 2, 3])
    try mount.replace(["config.yaml": "memory: 128MiB\nlog_level: [debug\n"])
    try server.hangUp(
      until: "error   configuration stays as it is reason=\"\(path):3: did not find expected ',' or ']'\"")
    try mount.replace([:])
    try server.hangUp(until: "cannot be read: No such file or directory")
    #expect(try server.metric("lmcache_server_memory_budget_bytes") == Double(64 << 20))
    #expect(try client.get("kept")?.bytes == [1, 2, 3])
    // What only a restart changes is told, and what is right again counts.
    try mount.replace(["config.yaml": "memory: 128MiB\nio: uring\nloops: 7\n"])
    try server.hangUp(until: "memory budget 64 MiB -> 128 MiB")
    #expect(server.log.contains("warning loops stays default reason=\"\(path):3: loops 7 needs a restart\""))
    #expect(!server.log.contains("io stays"), "the flag wins")
    #expect(try client.get("kept")?.bytes == [1, 2, 3])
    #expect(try server.stop() == .exited(0))
  }

  @Test func fewerConnectionsComeInAndThoseThatAreThereStay() throws {
    let mount = try ConfigurationMount(["config.yaml": "max_connections: 8\n"])
    let server = try RunningServer(.epoll, ["--config", mount.path("config.yaml")])
    let clients = try (0..<4).map { _ in try server.lm() }
    for client in clients { #expect(try client.health() && !client.exists("a")) }
    try mount.replace(["config.yaml": "max_connections: 4\n"])
    try server.hangUp(until: "max-connections 8 -> 4")
    let fifth = try server.connect()
    try fifth.send(LMPeer.request(.exist, "a"))
    #expect(try fifth.isClosedSilently())
    for client in clients { #expect(try !client.exists("a")) }
    try mount.replace(["config.yaml": "max_connections: 9\n"])
    try server.hangUp(until: "max-connections 4 -> 9")
    try eventually("what it means is told") { server.log.contains("at most 8 connections instead of 9") }
    let sixth = try server.lm()
    #expect(try !sixth.exists("a"))
    #expect(try server.stop() == .exited(0))
  }

  /// A secret that Kubernetes replaces.
  @Test func anotherPasswordInTheSameFileCounts() throws {
    func files(_ password: String, flush: String) -> [String: String] {
      let mountedText = "requirepass: PASSWORD\nallow_flush: \(flush)\n"
      return ["config.yaml": mountedText, "password": password + "\n"]
    }
    let mount = try ConfigurationMount(files("first", flush: "no"))
    func replace(_ password: String, flush: String) throws {
      var texts = files(password, flush: flush)
      texts["config.yaml"] = texts["config.yaml"]!.replacingOccurrences(of: "PASSWORD", with: mount.path("password"))
      try mount.replace(texts)
    }
    try replace("first", flush: "no")
    let server = try RunningServer(.epoll, ["--config", mount.path("config.yaml")])
    let (early, silent) = (try server.resp(), try server.resp())
    #expect(try early.ask("AUTH", "first") == "+OK\r\n")
    #expect(try silent.ask("GET", "a").hasPrefix("-NOAUTH"))
    try replace("second", flush: "yes")
    try server.hangUp(until: "the password of RESP clients changed")
    #expect(!server.log.contains("first") && !server.log.contains("second"))
    #expect(try early.ask("GET", "a") == "$-1\r\n", "who gave the old one stays")
    #expect(try early.ask("FLUSHALL") == "+OK\r\n")
    #expect(try silent.ask("AUTH", "first").hasPrefix("-WRONGPASS"))
    #expect(try silent.ask("AUTH", "second") == "+OK\r\n")
    // A secret that did not arrive changes nothing.
    try replace("", flush: "no")
    try server.hangUp(until: "configuration stays as it is")
    #expect(try server.resp().ask("AUTH", "second") == "+OK\r\n")
    #expect(try early.ask("FLUSHALL") == "+OK\r\n")
    #expect(try server.stop() == .exited(0))
  }
}

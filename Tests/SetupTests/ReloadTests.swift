import Base
import Testing

@testable import Setup

/// SIGHUP: what is read again, what follows, and what the log says.
struct ReloadTests {
  /// A part that follows one option, and notes what it was given.
  private final class Part: Reloadable {
    let flags: [Flag]
    let refuses = Guarded(false)
    let applied = Guarded<[Int]>([])
    /// Where it tells that it was put in force.
    let log = Guarded<Log?>(nil)

    init(_ flag: Flag) { flags = [flag] }

    func prepare(_ options: ServerOptions) throws(OptionFailure) -> ReloadStep {
      if refuses.withLock({ $0 }) { throw OptionFailure(message: "a file of this part is bad", exitCode: 2) }
      let lease = options.leaseSeconds
      return { [self] _ in
        applied.withLock { $0.append(lease) }
        log.withLock { $0 }?.info("in force")
        return flags == [.lease] ? [ReloadNews(.warning, "a file changed", reason: "it was replaced")] : []
      }
    }
  }

  /// What stands in the configuration file.
  private final class Content: Sendable {
    private let storage: Guarded<String>
    init(_ text: String) { storage = Guarded(text) }
    var text: String {
      get { storage.withLock { $0 } }
      set { storage.withLock { $0 = newValue } }
    }
  }

  private struct Stage {
    let file: Content
    let lease = Part(.lease)
    let loops = Part(.loops)
    let pipe: LogPipe
    let reload: Reload
    var log: Log { pipe.log }

    init(_ text: String, arguments: [String] = []) throws {
      let file = Content(text)
      self.file = file
      let read: @Sendable () throws(OptionFailure) -> ServerOptions = { () throws(OptionFailure) in
        let command = try OptionParser.parse(
          ["--config", "/f"] + arguments, environment: { _ in nil },
          file: { _ throws(OptionFailure) in Array(file.text.utf8) })
        guard case .serve(let options) = command else { preconditionFailure("it serves") }
        return options
      }
      let options = try read()
      pipe = try LogPipe(level: options.logLevel, format: options.logFormat)
      reload = Reload(options, log: pipe.log, parts: [lease, loops], read: read)
    }

    func change(to text: String) {
      file.text = text
      reload.run(now: 0)
    }

    func lines() -> [String] { pipe.lines() }
  }

  private static let again =
    "info    configuration read again file=/f reason=\"it has no section 'server', so all of it counts\""

  @Test func whatCanChangeDoesAndTheRestIsTold() throws {
    let stage = try Stage("lease: 5\nport: 1001\n", arguments: ["--loops", "3"])
    stage.change(to: "lease: 6\nport: 1002\nloops: 8\n")
    #expect(stage.lease.applied.withLock { $0 } == [6])
    // It differs from what is in force as long as it does.
    stage.change(to: "port: 1002\n")
    stage.change(to: "port: 1001\n")
    #expect(stage.lease.applied.withLock { $0 } == [6, 30, 30])
    let news = "warning a file changed reason=\"it was replaced\""
    #expect(
      stage.lines() == [
        Self.again,
        "warning port stays 1001 reason=\"/f:2: port 1002 needs a restart\"",
        "info    lease 5 -> 6 reason=\"/f:1: lease says so\"",
        news,
        Self.again,
        "warning port stays 1001 reason=\"/f:1: port 1002 needs a restart\"",
        "info    lease 6 -> default reason=\"it is not given any more\"",
        news,
        Self.again,
        news,
      ])
  }

  /// An operator's script that waits for the line goes on at once.
  @Test func whatTheLogTellsIsInForce() throws {
    let stage = try Stage("lease: 5\n")
    stage.lease.log.withLock { $0 = stage.log }
    stage.change(to: "lease: 6\n")
    let lines = stage.lines()
    let force = try #require(lines.firstIndex(of: "info    in force"))
    let told = try #require(lines.firstIndex { $0.contains("lease 5 -> 6") })
    #expect(force < told)
  }

  @Test func aBrokenFileChangesNothing() throws {
    let stage = try Stage("lease: 5\n")
    stage.change(to: "lease: 6\nlog_level: [")
    stage.change(to: "lease: many")
    stage.change(to: "disk_size: 100GiB")
    #expect(stage.lease.applied.withLock { $0 } == [])
    // What was wrong is right again, and counts.
    stage.change(to: "lease: 7")
    #expect(stage.lease.applied.withLock { $0 } == [7])
    let lines = stage.lines()
    #expect(lines.count == 6)
    for line in lines.prefix(3) {
      #expect(line.hasPrefix("error   configuration stays as it is reason=\"/f:"), "\(line)")
    }
    #expect(lines[4] == "info    lease 5 -> 7 reason=\"/f:1: lease says so\"")
  }

  /// Nor does anything that one part finds wrong: the others were only prepared.
  @Test func whatOnePartRefusesChangesNothing() throws {
    let stage = try Stage("lease: 5\n")
    stage.loops.refuses.withLock { $0 = true }
    stage.change(to: "lease: 6\nlog_level: error")
    #expect(stage.lease.applied.withLock { $0 } == [])
    #expect(stage.log.level == .info)
    stage.loops.refuses.withLock { $0 = false }
    stage.change(to: "lease: 6\n")
    #expect(stage.lease.applied.withLock { $0 } == [6])
    #expect(stage.lines().first == "error   configuration stays as it is reason=\"a file of this part is bad\"")
  }

  @Test func theLogFollows() throws {
    let stage = try Stage("log_level: info")
    stage.change(to: "log_level: warning")
    #expect(stage.log.level == .warning)
    stage.log.info("not written")
    stage.change(to: "log_level: debug")
    stage.log.debug("written")
    let lines = stage.lines()
    #expect(lines.contains("info    log-level info -> warning reason=\"/f:1: log_level says so\""))
    #expect(lines.contains("info    log-level warning -> debug reason=\"/f:1: log_level says so\""))
    #expect(lines.contains("debug   written") && !lines.contains("info    not written"))
  }

  @Test func theFormatFollows() throws {
    let stage = try Stage("")
    stage.log.info("text")
    while !stage.log.flush() {}
    stage.change(to: "log_format: json")
    stage.log.info("json")
    let lines = stage.lines()
    #expect(lines.first == "info    text")
    #expect(lines.last?.hasSuffix(",\"level\":\"info\",\"message\":\"json\"}") == true)
  }

  @Test func secretsStayOutOfTheLog() throws {
    let stage = try Stage("peer: 10.1.2.3:8200\nlookup_url: redis://:hunter1@h:1\n")
    stage.change(to: "peer: 10.1.2.3:8200\nlookup_url: redis://:hunter2@h:1\n")
    let lines = stage.lines()
    #expect(lines.contains { $0.hasPrefix("warning lookup-url stays redis://not-shown@h:1 reason=") })
    #expect(!lines.contains { $0.contains("hunter") })
  }
}

import Foundation
import Testing
import Wire

/// The names of the program in an image of the server.
@Suite
final class StandInTests {
  private static let script = "/workspace/LMCache/examples/kubernetes/health_probe.py"
  private let directory: URL

  init() throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "lmcache-e2e-names-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  private func program(called name: String) throws -> String {
    let link = directory.appending(path: name)
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: URL(filePath: RunningServer.program))
    return link.path()
  }

  private func python3(_ arguments: [String]) throws -> (end: Child.End, complaint: String) {
    let child = try Child(try program(called: "python3"), arguments)
    defer { try? FileManager.default.removeItem(at: directory.appending(path: "python3")) }
    return (try child.wait(), child.standardError)
  }

  @Test
  func theProbeOfTheChartTellsAHealthyServerFromAStoppedAndADeadOne() throws {
    let server = try RunningServer(.epoll)
    let probe = [Self.script, "127.0.0.1", "\(server.port)"]
    #expect(try python3(probe).end == .exited(0))
    server.child.signal(SIGSTOP)
    let stopped = try python3(probe)
    #expect(stopped.end == .exited(1) && stopped.complaint.contains("no answer"))
    server.child.signal(SIGCONT)
    #expect(try python3(probe).end == .exited(0))
    #expect(try server.stop() == .exited(0))
    let dead = try python3(probe)
    #expect(dead.end == .exited(1) && dead.complaint.contains("no answer"))
  }

  static let refused: [[String]] = [
    [], ["--version"], ["--help"], ["-c", "print(1)"], [script], [script, "127.0.0.1"],
    [script, "127.0.0.1", "1", "2"],
    ["health_probe.py", "127.0.0.1", "1"], ["/other" + script, "127.0.0.1", "1"], ["probe", "127.0.0.1", "1"],
    ["0.0.0.0", "0"],
  ]

  @Test(arguments: refused)
  func anythingElseThatPythonIsAskedIsRefusedInOneLine(words: [String]) throws {
    let (end, complaint) = try python3(words)
    #expect(end == .exited(1))
    #expect(complaint.contains("understands only: python3 \(Self.script) HOST PORT"))
    #expect(complaint.split(separator: "\n").count == 1, "\(complaint)")
  }

  @Test
  func theNameOfLMCachesServerServes() throws {
    let child = try Child(
      try program(called: "lmcache_server"), ["127.0.0.1", "0"], environment: ["LMCACHE_SERVER_MEMORY": "64MiB"])
    #expect(try LMPeer(peer: Peer(port: try RunningServer.port(of: child)), generation: .nineInts).health())
    child.signal(SIGTERM)
    #expect(try child.wait() == .exited(0))
  }
}

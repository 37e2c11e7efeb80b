import Foundation
import Wire

/// The built program, serving on a free port of 127.0.0.1.
final class RunningServer: Sendable {
  /// Beside the test bundle, where the build puts it, unless LMCACHE_SERVER_PROGRAM names another build.
  static let program: String = {
    if let program = ProcessInfo.processInfo.environment["LMCACHE_SERVER_PROGRAM"] { return program }
    let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appending(path: "lmcache-server").path()
  }()

  let child: Child
  let port: UInt16

  /// - Parameters:
  ///   - memory: nil leaves it to the limits that the server finds.
  ///   - shell: commands of a shell before it becomes the server, such as lowering a limit.
  ///   - words: a program that becomes the server, with its words before those of the server.
  ///   - host: nil listens on every address.
  ///   - wanted: 0 takes a port that is free.
  init(
    _ driver: IODriver, _ flags: [String] = [], memory: String? = "64MiB", host: String? = "127.0.0.1",
    port wanted: UInt16 = 0, environment: [String: String] = [:], shell: String? = nil,
    through words: [String] = []
  ) throws {
    var arguments = ["--port", "\(wanted)", "--io", driver.rawValue]
    if let memory { arguments += ["--memory", memory] }
    if let host { arguments += ["--host", host] }
    arguments += flags
    if let shell {
      let words = ([Self.program] + arguments).map { "'\($0)'" }.joined(separator: " ")
      child = try Child("bash", ["-c", "\(shell); exec \(words)"], environment: environment)
    } else if let first = words.first {
      child = try Child(first, words.dropFirst() + [Self.program] + arguments, environment: environment)
    } else {
      child = try Child(Self.program, arguments, environment: environment)
    }
    port = try Self.port(of: child)
  }

  /// Reads the port off the log's line about listening.
  static func port(of child: Child) throws -> UInt16 {
    var port: UInt16?
    try eventually("the server listens") {
      if let end = child.poll() { throw HarnessFailure("the server ended at once: \(end) \(child.standardError)") }
      let line = child.standardError.split(separator: "\n").first { $0.contains("listening") }
      port = line?.firstMatch(of: /port(?:=|":)(\d+)/).flatMap { UInt16($0.output.1) }
      return port != nil
    }
    return port!
  }

  var log: String { child.standardError }

  func connect() throws -> Peer { try Peer(port: port) }

  func lm(_ generation: LMGeneration = .nineInts) throws -> LMPeer {
    LMPeer(peer: try connect(), generation: generation)
  }

  /// Sends SIGTERM and waits for the end.
  func stop() throws -> Child.End {
    child.signal(SIGTERM)
    return try child.wait()
  }

  var isRunning: Bool { child.poll() == nil }
}

import Foundation
import Testing

/// System calls that fail for lack of resources never end a running server.
@Suite struct FailingCallTests {
  private static func environment(_ call: String, from: Int, count: Int) throws -> (PreloadedLibrary, [String: String])
  {
    let library = try PreloadedLibrary("failing-calls")
    let failing = ["FAILING_CALL": call, "FAILING_FROM": "\(from)", "FAILING_COUNT": "\(count)"]
    return (library, library.environment.merging(failing) { first, _ in first })
  }

  /// The loop's own descriptor is the first to be watched, the listener the second; connections follow.
  @Test func whatCannotBeWatchedIsClosed() throws {
    let (library, environment) = try Self.environment("epoll_ctl", from: 3, count: 3)
    let server = try RunningServer(.epoll, ["--loops", "1"], environment: environment)
    for _ in 0..<3 { #expect(try server.connect().isClosedSilently()) }
    #expect(try server.lm().health())
    #expect(try server.refusals("out_of_memory") == 3)
    #expect(try server.stop() == .exited(0))
    withExtendedLifetime(library) {}
  }

  /// Without the listener no connection could be accepted, so watching it is retried.
  @Test func theListenerIsTriedAgain() throws {
    let (library, environment) = try Self.environment("epoll_ctl", from: 2, count: 3)
    let server = try RunningServer(.epoll, ["--loops", "1"], environment: environment)
    #expect(try server.lm().health())
    #expect(try server.metric("lmcache_server_accept_pauses_total") == 3)
    withExtendedLifetime(library) {}
  }

  @Test func aLoopThatCannotBeWokenIsOneLine() throws {
    let (library, environment) = try Self.environment("epoll_ctl", from: 1, count: 1)
    try expectOneLine(environment, "epoll_ctl: No space left on device")
    withExtendedLifetime(library) {}
  }

  /// The log, population, signals and two loops.
  @Test(arguments: [1, 2, 3, 4, 5])
  func aThreadThatDoesNotStartIsOneLine(number: Int) throws {
    let (library, environment) = try Self.environment("pthread_create", from: number, count: 1)
    try expectOneLine(environment, "no thread for ")
    withExtendedLifetime(library) {}
  }

  private func expectOneLine(_ environment: [String: String], _ words: String) throws {
    let child = try Child(
      RunningServer.program,
      [
        "--host", "127.0.0.1", "--port", "0", "--io", "epoll", "--loops", "2", "--memory", "64MiB", "--log-level",
        "error",
      ],
      environment: environment)
    guard case .exited(let status) = try child.wait() else {
      Issue.record("it did not end by itself: \(child.standardError)")
      return
    }
    #expect(status != 0)
    let lines = child.standardError.split(separator: "\n")
    #expect(lines.count == 1 && lines[0].contains(words), "\(child.standardError)")
  }
}

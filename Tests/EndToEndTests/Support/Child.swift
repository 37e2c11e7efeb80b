import Foundation

/// A process started by a test, with its output. It never outlives its test.
final class Child: @unchecked Sendable {
  enum End: Equatable {
    case exited(Int32)
    case signalled(Int32)
  }

  let pid: pid_t
  private let directory: URL
  private var ended: End?

  /// - Parameter environment: the whole environment; only PATH is inherited.
  init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "lmcache-e2e-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for (descriptor, name) in [(Int32(1), "stdout"), (2, "stderr")] {
      let path = directory.appending(path: name).path()
      posix_spawn_file_actions_addopen(&actions, descriptor, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    }
    posix_spawn_file_actions_addclosefrom_np(&actions, 3)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let variables = environment.merging(["PATH": path]) { given, _ in given }.map { "\($0)=\($1)" }
    pid = try Child.spawn(program, [program] + arguments, variables, &actions)
  }

  deinit {
    if ended == nil {
      kill(pid, SIGKILL)
      var status: Int32 = 0
      waitpid(pid, &status, 0)
    }
    try? FileManager.default.removeItem(at: directory)
  }

  var standardOutput: String { text(of: "stdout") }
  var standardError: String { text(of: "stderr") }

  func signal(_ number: Int32) { kill(pid, number) }

  /// How it ended, or nil while it runs.
  func poll() -> End? {
    guard ended == nil else { return ended }
    var status: Int32 = 0
    guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
    let number = status & 0x7F
    ended = number == 0 ? .exited((status >> 8) & 0xFF) : .signalled(number)
    return ended
  }

  /// How it ended; throws when it does not.
  func wait() throws -> End {
    try eventually("the process ends") { poll() != nil }
    return poll()!
  }

  private func text(of name: String) -> String {
    (try? String(decoding: Data(contentsOf: directory.appending(path: name)), as: UTF8.self)) ?? ""
  }

  private static func spawn(
    _ program: String, _ arguments: [String], _ variables: [String], _ actions: inout posix_spawn_file_actions_t
  ) throws -> pid_t {
    var arguments: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
    defer { for word in arguments + variables { free(word) } }
    var pid: pid_t = 0
    let result = posix_spawnp(&pid, program, &actions, nil, &arguments, &variables)
    guard result == 0 else { throw HarnessFailure("cannot start \(program): \(String(cString: strerror(result)))") }
    return pid
  }
}

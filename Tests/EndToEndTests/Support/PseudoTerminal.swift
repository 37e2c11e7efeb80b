import Foundation
import Glibc

/// A terminal without a screen, and a process that a person would have started in it.
final class PseudoTerminal: @unchecked Sendable {
  let pid: pid_t
  private let master: Int32
  private let slave: Int32
  /// All that the process has written so far.
  private(set) var shown = ""

  init(_ program: String, _ words: [String], rows: UInt16 = 24, columns: UInt16 = 100) throws {
    master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard master >= 0, grantpt(master) == 0, unlockpt(master) == 0, let name = ptsname(master) else {
      throw HarnessFailure("no terminal: \(String(cString: strerror(errno)))")
    }
    let path = String(cString: name)
    slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(slave, UInt(TIOCSWINSZ), &size)
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
    pid = try Self.spawn(program, words, path)
  }

  /// In a session of its own, whose terminal this is: so its keys are signals.
  private static func spawn(_ program: String, _ words: [String], _ path: String) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in Int32(0)...2 { posix_spawn_file_actions_addopen(&actions, descriptor, path, O_RDWR, 0) }
    posix_spawn_file_actions_addclosefrom_np(&actions, 3)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSID))
    var arguments = ([program] + words).map { strdup($0) } + [nil]
    var variables = [strdup("TERM=xterm"), nil]
    defer { for word in arguments + variables { free(word) } }
    var pid: pid_t = 0
    let result = posix_spawn(&pid, program, &actions, &attributes, &arguments, &variables)
    guard result == 0 else { throw HarnessFailure("cannot start \(program): \(String(cString: strerror(result)))") }
    return pid
  }

  deinit {
    kill(pid, SIGKILL)
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    close(slave)
    close(master)
  }

  func type(_ keys: String) { _ = Array(keys.utf8).withUnsafeBytes { write(master, $0.baseAddress, $0.count) } }

  /// Takes what was written.
  func look() -> String {
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = read(master, &buffer, buffer.count)
      guard count > 0 else { return shown }
      shown += String(decoding: buffer[..<count], as: UTF8.self)
    }
  }

  /// Whether keys are shown and come in lines, as a shell expects it.
  var isAsItWas: Bool {
    var settings = termios()
    tcgetattr(slave, &settings)
    return settings.c_lflag & tcflag_t(ICANON | ECHO) == tcflag_t(ICANON | ECHO)
  }

  /// The status that it ended with; 128 and more for a signal.
  func wait() throws -> Int32 {
    var status: Int32 = 0
    try eventually("the process ends") {
      _ = look()
      return waitpid(pid, &status, WNOHANG) == pid
    }
    _ = look()
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
  }
}

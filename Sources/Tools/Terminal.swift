import Base
import Glibc

/// A terminal that is drawn over, and given back as it was: at the end, at q, and at signals that end the process.
final class Terminal: Sendable {
  /// What it was like; nil once it was given back, or where input is no terminal.
  private struct Before {
    var isOpen = true
    var settings: termios?
  }

  private let before: Guarded<Before>

  /// Nil where the output is none, or one that can only be written on.
  static func open() throws(ToolFailure) -> Terminal? {
    let kind = getenv("TERM").map { String(cString: $0) } ?? "dumb"
    guard StandardOutput.isTerminal, kind != "dumb", kind != "" else { return nil }
    return try Terminal()
  }

  private init() throws(ToolFailure) {
    // Threads that begin from here on leave them to the one that waits for them.
    var signals = Self.signals
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    before = Guarded(Before(settings: Self.listen()))
    do {
      try Thread.start(name: "signals") { [self] in
        var signals = Self.signals
        var received: Int32 = 0
        while sigwait(&signals, &received) != 0 {}
        leave()
        _exit(128 + received)
      }.detach()
      try Thread.start(name: "keys") { [self] in
        var key: UInt8 = 0
        while read(STDIN_FILENO, &key, 1) == 1 {
          guard key == UInt8(ascii: "q") || key == UInt8(ascii: "Q") else { continue }
          leave()
          _exit(0)
        }
      }.detach()
    } catch {
      leave()
      throw ToolFailure("\(error)")
    }
    // Another screen, no cursor, long lines cut.
    write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l")
  }

  private static var signals: sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { sigaddset(&signals, signal) }
    return signals
  }

  /// Keys come one by one, and are not shown; none stops the output or the process in the middle of a screen.
  private static func listen() -> termios? {
    var settings = termios()
    guard isatty(STDIN_FILENO) == 1, tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
    let before = settings
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
    settings.c_iflag &= ~tcflag_t(IXON)
    withUnsafeMutableBytes(of: &settings.c_cc) { keys in
      keys[Int(VSUSP)] = 0
      keys[Int(VMIN)] = 1
      keys[Int(VTIME)] = 0
    }
    return tcsetattr(STDIN_FILENO, TCSANOW, &settings) == 0 ? before : nil
  }

  /// Draws over what was there.
  func show(_ lines: [String]) {
    var size = winsize()
    let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 0 && size.ws_col > 0
    let rows = isKnown ? min(Int(size.ws_row), Limits.toolScreenLinesMax) : 24
    let columns = isKnown ? Int(size.ws_col) : 80
    let shown = lines.prefix(rows).map { FigureText.cut($0, columns) + "\u{1B}[K" }
    let text = "\u{1B}[H" + shown.joined(separator: "\r\n") + "\u{1B}[J"
    before.withLock { before in
      if before.isOpen { write(text) }
    }
  }

  func leave() {
    before.withLock { before in
      guard before.isOpen else { return }
      before.isOpen = false
      write("\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
      if var settings = before.settings { tcsetattr(STDIN_FILENO, TCSANOW, &settings) }
    }
  }

  /// A terminal that has gone takes nothing; SIGHUP ends the process.
  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress! + done, bytes.count - done) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      done += count
    }
  }
}

import Glibc

/// SIGHUP: the limits of this process may have changed. SIGTERM and SIGINT: the first asks for a drain, the second ends
/// the process at once.
enum ProcessSignals {
  /// Call before any thread starts: they inherit it, and only `wait` sees the signals.
  static func block() {
    var signals = set()
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    // A peer that is gone is an error of one send, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
  }

  /// For a command that has nothing to end in order: a person's Ctrl-C, or a pipe without a reader, ends it at once.
  static func unblock() {
    var signals = set()
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    signal(SIGPIPE, SIG_DFL)
  }

  static func wait(reload: () -> Void, first: () -> Void) {
    _ = nextEnd(reload)
    first()
    _exit(128 + nextEnd(reload))
  }

  /// The next signal that asks for the end. Those before it that do not are answered.
  private static func nextEnd(_ reload: () -> Void) -> Int32 {
    var signals = set()
    while true {
      var received: Int32 = 0
      guard sigwait(&signals, &received) == 0 else { continue }
      guard received == SIGHUP else { return received }
      reload()
    }
  }

  private static func set() -> sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, signal) }
    return signals
  }
}

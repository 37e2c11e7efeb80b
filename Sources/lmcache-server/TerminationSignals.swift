import Glibc

/// SIGTERM and SIGINT: the first asks for a drain, the second ends the process at once.
enum TerminationSignals {
  /// Call before any thread starts: they inherit it, and only `wait` sees the signals.
  static func block() {
    var signals = set()
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    // A peer that is gone is an error of one send, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
  }

  static func wait(first: () -> Void) {
    var signals = set()
    var received: Int32 = 0
    while sigwait(&signals, &received) != 0 {}
    first()
    while sigwait(&signals, &received) != 0 {}
    _exit(128 + received)
  }

  private static func set() -> sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    sigaddset(&signals, SIGINT)
    return signals
  }
}

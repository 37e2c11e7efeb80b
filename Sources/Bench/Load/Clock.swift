import Glibc

enum Clock {
  /// Nanoseconds of a clock that never goes back.
  static func now() -> UInt64 { read(CLOCK_MONOTONIC) ?? 0 }

  /// Processor time, user and system, of all threads of a process, dead ones included, in nanoseconds.
  static func processor(of process: pid_t) -> UInt64? {
    var clock: clockid_t = 0
    guard clock_getcpuclockid(process, &clock) == 0 else { return nil }
    return read(clock)
  }

  private static func read(_ clock: clockid_t) -> UInt64? {
    var time = timespec()
    guard clock_gettime(clock, &time) == 0 else { return nil }
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

import Glibc

/// Processor time, user and system, of all threads of a process, including those that have ended.
enum Clock {
  static func processorNanoseconds(of process: pid_t) -> UInt64? {
    var clock: clockid_t = 0
    var time = timespec()
    guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else { return nil }
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

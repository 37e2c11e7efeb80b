import Glibc

/// Readings from /proc, and limits of this process.
enum Kernel {
  /// The resident memory of a process, shared pages included.
  static func residentBytes(of process: pid_t) -> Int? {
    let pages = numbers("/proc/\(process)/statm")
    return pages.count > 1 ? pages[1] * sysconf(Int32(_SC_PAGESIZE)) : nil
  }

  /// Seconds that all cores have been busy, or had time stolen by the host, since the machine started.
  static func busySeconds() -> Double? {
    // user nice system idle iowait irq softirq steal, then guest time that user already counts
    let ticks = numbers("/proc/stat")
    guard ticks.count >= 8 else { return nil }
    return Double(ticks[..<3].reduce(0, +) + ticks[5..<8].reduce(0, +)) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// How much later than requested the kernel may wake this thread.
  static func setTimerSlack(nanoseconds: Int) {
    let file = open("/proc/\(gettid())/timerslack_ns", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    let word = Array("\(nanoseconds)".utf8)
    _ = write(file, word, word.count)
  }

  /// Raises the limit of open files as far as this process may.
  static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// The beginning of a file; empty if it cannot be read.
  static func text(_ path: String, bytesMax: Int = 16384) -> String {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var text = [UInt8](repeating: 0, count: bytesMax)
    let count = read(file, &text, text.count)
    return String(decoding: text[..<max(0, count)], as: UTF8.self)
  }

  /// The numbers in the first line of a file.
  private static func numbers(_ path: String) -> [Int] {
    text(path, bytesMax: 512).prefix { $0 != "\n" }.split(separator: " ").compactMap { Int($0) }
  }
}

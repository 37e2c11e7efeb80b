import Glibc

/// Numbers that the kernel tells in /proc.
enum Kernel {
  /// The memory that a process has touched; shared pages count too.
  static func residentMebibytes(of process: pid_t) -> Int? {
    let pages = numbers("/proc/\(process)/statm")
    return pages.count > 1 ? (pages[1] * sysconf(Int32(_SC_PAGESIZE))) >> 20 : nil
  }

  /// Seconds that all cores together have spent on anything, or had taken by the host, since the machine started.
  static func busySeconds() -> Double? {
    // user nice system idle iowait irq softirq steal, then guest time that user already counts
    let ticks = numbers("/proc/stat")
    guard ticks.count >= 8 else { return nil }
    return Double(ticks[..<3].reduce(0, +) + ticks[5..<8].reduce(0, +)) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// The numbers in the first line of a file.
  private static func numbers(_ path: String) -> [Int] {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { return [] }
    defer { close(file) }
    var text = [UInt8](repeating: 0, count: 512)
    let count = read(file, &text, text.count)
    guard count > 0 else { return [] }
    let line = text[..<count].prefix { $0 != UInt8(ascii: "\n") }
    return String(decoding: line, as: UTF8.self).split(separator: " ").compactMap { Int($0) }
  }
}

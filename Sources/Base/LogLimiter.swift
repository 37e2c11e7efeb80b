/// Keeps one complaint from filling the log: each reason gets a few lines a second, and what was left out is told.
/// Belongs to one event loop.
package struct LogLimiter {
  private struct Entry {
    let reason: String
    var level: LogLevel
    var windowStart: UInt64
    var written = 0
    var leftOut = 0
  }

  private static let windowNanoseconds: UInt64 = 1_000_000_000
  private static let others = "other"
  private var entries: [Entry] = []

  package init() {}

  /// Writes the line, or counts it when its reason had its share of this second. `now` is monotonic, in nanoseconds.
  package mutating func write(
    _ level: LogLevel, reason: String, now: UInt64, to log: Log, _ message: @autoclosure () -> String,
    _ fields: @autoclosure () -> KeyValuePairs<String, LogValue> = [:]
  ) {
    guard log.isEnabled(level) else { return }
    let index = index(of: reason, level, now)
    turnWindow(of: index, now, log)
    entries[index].level = level
    guard entries[index].written < Limits.logLinesPerSecondPerReason else {
      entries[index].leftOut += 1
      return
    }
    entries[index].written += 1
    log.write(level, message(), fields())
  }

  /// Tells what was left out in seconds that are over. A loop calls it about once a second.
  package mutating func sweep(now: UInt64, to log: Log) {
    if entries.isEmpty { return }
    for index in entries.indices { turnWindow(of: index, now, log) }
  }

  private mutating func turnWindow(of index: Int, _ now: UInt64, _ log: Log) {
    guard now &- entries[index].windowStart >= LogLimiter.windowNanoseconds else { return }
    let entry = entries[index]
    if entry.leftOut > 0 {
      log.write(
        entry.level, "\(entry.leftOut) more like this",
        ["reason": .text(entry.reason), "left_out": .number(entry.leftOut)])
    }
    entries[index].windowStart = now
    entries[index].written = 0
    entries[index].leftOut = 0
  }

  /// Reasons are few names of our own; should they ever be many, the late ones share the last place.
  private mutating func index(of reason: String, _ level: LogLevel, _ now: UInt64) -> Int {
    if let known = entries.firstIndex(where: { $0.reason == reason }) { return known }
    if entries.count == Limits.logReasonsMax { return entries.count - 1 }
    let isLast = entries.count == Limits.logReasonsMax - 1
    entries.append(Entry(reason: isLast ? LogLimiter.others : reason, level: level, windowStart: now))
    return entries.count - 1
  }
}

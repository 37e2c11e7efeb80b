import Glibc

/// Writes lines about what happens. Logging never waits: lines pass a bounded queue to a thread of their own.
///
///     log.info("listening", ["port": .number(65432)])
///
/// Message and fields are built only when the level is wanted.
package final class Log: Sendable {
  package let level: LogLevel
  private let queue: LogQueue
  private let writer: Thread

  /// For tests, which cannot go on without its thread.
  package convenience init(level: LogLevel, format: LogFormat, descriptor: Int32 = STDERR_FILENO) {
    do {
      try self.init(starting: level, format: format, descriptor: descriptor)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  package init(
    starting level: LogLevel, format: LogFormat, descriptor: Int32 = STDERR_FILENO
  ) throws(Thread.Failure) {
    let queue = LogQueue()
    let body = LogWriter(queue: queue, encoder: LogEncoder(format: format), descriptor: descriptor)
    self.level = level
    self.queue = queue
    self.writer = try Thread.start(name: "log") { body.run() }
  }

  package func isEnabled(_ level: LogLevel) -> Bool { level <= self.level }

  package func write(
    _ level: LogLevel, _ message: @autoclosure () -> String,
    _ fields: @autoclosure () -> KeyValuePairs<String, LogValue> = [:]
  ) {
    guard isEnabled(level) else { return }
    queue.append(
      LogRecord(nanoseconds: LogTimestamp.now(), level: level, message: message(), fields: fields()))
  }

  package func error(
    _ message: @autoclosure () -> String, _ fields: @autoclosure () -> KeyValuePairs<String, LogValue> = [:]
  ) {
    write(.error, message(), fields())
  }

  package func warning(
    _ message: @autoclosure () -> String, _ fields: @autoclosure () -> KeyValuePairs<String, LogValue> = [:]
  ) {
    write(.warning, message(), fields())
  }

  package func info(
    _ message: @autoclosure () -> String, _ fields: @autoclosure () -> KeyValuePairs<String, LogValue> = [:]
  ) {
    write(.info, message(), fields())
  }

  package func debug(
    _ message: @autoclosure () -> String, _ fields: @autoclosure () -> KeyValuePairs<String, LogValue> = [:]
  ) {
    write(.debug, message(), fields())
  }

  /// Lines that found the queue full, since the start.
  package var droppedTotal: Int { queue.droppedTotal }

  /// Waits, but not long, until all lines are written. Not for event loops.
  @discardableResult
  package func flush() -> Bool { queue.flush(milliseconds: Limits.logFlushMilliseconds) }

  /// The same before the process ends; later lines are dropped. Call it once.
  package func close() {
    // A writer that hangs on a stuck reader is left behind; the process ends around it.
    if queue.close(milliseconds: Limits.logFlushMilliseconds) { writer.join() }
  }
}

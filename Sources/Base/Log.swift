import Glibc
import Synchronization

/// Writes lines about what happens. Logging never waits: lines pass a bounded queue to a thread of their own.
///
///     log.info("listening", ["port": .number(65432)])
///
/// Message and fields are built only when the level is wanted.
package final class Log: Sendable {
  private let levelStorage: Atomic<LogLevel>
  private let formatStorage: SharedLogFormat
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
    let shared = SharedLogFormat(format)
    let body = LogWriter(queue: queue, format: shared, descriptor: descriptor)
    levelStorage = Atomic(level)
    formatStorage = shared
    self.queue = queue
    self.writer = try Thread.start(name: "log") { body.run() }
  }

  package var level: LogLevel { levelStorage.load(ordering: .relaxed) }

  /// For lines from now on.
  package func change(to level: LogLevel) { levelStorage.store(level, ordering: .relaxed) }

  /// For lines from now on; those that wait to be written may change too.
  package func change(to format: LogFormat) { formatStorage.store(format) }

  package func isEnabled(_ level: LogLevel) -> Bool { level <= self.level }

  package func write(
    _ level: LogLevel, _ message: @autoclosure () -> String,
    _ fields: @autoclosure () -> KeyValuePairs<String, LogValue> = [:]
  ) {
    guard isEnabled(level) else { return }
    queue.append(
      LogRecord(nanoseconds: LogTimestamp.now(), level: level, message: message(), fields: fields()))
  }

  /// A line that is written whatever the level: who changed what.
  package func audit(_ message: String, _ fields: KeyValuePairs<String, LogValue>) {
    queue.append(LogRecord(nanoseconds: LogTimestamp.now(), level: .info, message: message, fields: fields))
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

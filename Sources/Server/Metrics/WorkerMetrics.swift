import Base

/// What one worker has seen. Written by its loop only, read by any thread.
package final class WorkerMetrics: Sendable {
  package let requests = CounterTable<RequestOutcome>()
  package let refusals = CounterTable<Refusal>()
  package let opened = CounterTable<ConnectionProtocol>()
  package let closed = CounterTable<ConnectionProtocol>()
  package let bytesReceived = Counter()
  package let bytesSent = Counter()
  /// Of those sent, without being copied.
  package let bytesLent = Counter()
  package let bytesDrained = Counter()
  package let acceptPauses = Counter()
  /// Keys by `lm` that are nearly as long as its header has room for.
  package let longKeys = Counter()

  private let put = Histogram()
  private let get = Histogram()
  private let exist = Histogram()
  private let list = Histogram()

  package init() {}

  package func record(_ command: TimedCommand, nanoseconds: UInt64, count: Int = 1) {
    withHistogram(command) { $0.record(nanoseconds: nanoseconds, count: count) }
  }

  package func withHistogram<Result>(_ command: TimedCommand, _ body: (borrowing Histogram) -> Result) -> Result {
    switch command {
    case .put: body(put)
    case .get: body(get)
    case .exist: body(exist)
    case .list: body(list)
    }
  }
}

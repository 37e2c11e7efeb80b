import Glibc

/// What moves bytes below the verbs: io_uring, epoll, or the pretend kernel of the simulator.
///
/// A driver is used by one loop on one thread; only `wake` may be called from elsewhere. Every operation
/// except `cancel` completes exactly once, and only through `wait`. A `send` or `lend` that completes with -EAGAIN could
/// not be waited for: to be asked again a little later.
package protocol Driver: AnyObject {
  var kind: DriverKind { get }
  /// Whether `lend` differs from `send`.
  var lends: Bool { get }
  /// Why it no longer does, if the system has refused.
  var lendingRefusal: DriverRefusal? { get }

  /// Called once, on the loop's own thread, before anything else.
  func start()
  func now() -> UInt64
  /// A `send` only where `sendAtOnce` has found no room.
  func submit(_ operation: Operation, token: UInt64)
  /// Sends what the kernel takes without waiting; nil when that is nothing.
  func sendAtOnce(_ descriptor: Int32, _ regions: UnsafeMutablePointer<iovec>, count: Int) -> Int32?
  /// Blocks until something completes, `wake` is called or the deadline passes; returns the number of completions.
  func wait(until deadline: UInt64, into completions: UnsafeMutableBufferPointer<Completion>) -> Int
  func wake()

  /// A TCP socket to connect with, or nil when none is to be had.
  func makeSocket(family: Int32) -> Int32?
  /// Sets up a connection that `accept` returned.
  func configureAccepted(_ descriptor: Int32)
  /// Has the kernel take fewer bytes of a reply than usual ahead of the peer's reading.
  func limitUnsent(_ descriptor: Int32, bytes: Int)
  /// Ends a direction: operations on the socket that wait for it complete.
  func shutdown(_ descriptor: Int32, _ direction: Direction)
  /// Forgets a descriptor that has no operation pending, because another loop takes it over.
  func release(_ descriptor: Int32)
  /// Releases and closes.
  func close(_ descriptor: Int32)
}

extension Driver {
  package func sendAtOnce(_ descriptor: Int32, _ regions: UnsafeMutablePointer<iovec>, count: Int) -> Int32? {
    SystemCalls.perform(.send(descriptor, regions, count: count))
  }
}

package enum DriverKind: String, Sendable {
  case uring, epoll, simulated
}

/// A way of a connection.
package enum Direction: Sendable {
  case receive, send, both

  /// What shutdown(2) calls it.
  var number: Int32 {
    switch self {
    case .receive: Int32(SHUT_RD)
    case .send: Int32(SHUT_WR)
    case .both: Int32(SHUT_RDWR)
    }
  }
}

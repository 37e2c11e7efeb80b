import Base
import Glibc
import IO

/// What carries the bytes of a connection: the one owner of its descriptor. Sessions receive, send and end through it, and
/// ask it what may be lent. One task may receive while another sends.
final class Transport: @unchecked Sendable {
  private let descriptor: Int32
  private var loop: EventLoop
  /// Its congestion control sends by a timer, to which lent pages cost more than copies do.
  private let isPaced: Bool

  init(accepted descriptor: Int32, on loop: EventLoop, congestion: CongestionChoice?) {
    self.descriptor = descriptor
    self.loop = loop
    isPaced = congestion?.settle(descriptor) ?? false
  }

  /// Leaves its loop, to be used on another: only while no verb waits on it.
  func move(to other: EventLoop) {
    loop.driver.release(descriptor)
    loop = other
  }

  /// After a move that came to nothing: the other loop knows nothing of it.
  func stay(on own: EventLoop) { loop = own }

  // MARK: Bytes
  // Inlined, because each asynchronous call costs as much as a small request's answer.

  /// Receives into these regions; how many bytes, and 0 at the peer's end.
  @inline(__always)
  func receive(
    into regions: UnsafeMutablePointer<iovec>, count: Int, options: ReceiveOptions, deadline: UInt64
  ) async throws(IOFailure) -> Int {
    try await loop.receive(descriptor, into: regions, count: count, options: options, deadline: deadline)
  }

  /// Whether pages may be lent to it instead of copied.
  var lends: Bool { loop.driver.lends && !isPaced }

  /// Sends some of what these regions name; how many bytes.
  @inline(__always)
  func send(
    _ gathered: Gathering, from regions: UnsafeMutablePointer<iovec>, deadline: UInt64
  ) async throws(IOFailure) -> Int {
    guard gathered.isLent else {
      return try await loop.send(descriptor, from: regions, count: gathered.count, deadline: deadline)
    }
    return try await loop.lend(
      descriptor, from: regions, count: gathered.count, copied: gathered.copied, deadline: deadline)
  }

  /// Sends what is taken without waiting; how many bytes. Why there are none a later send tells.
  func sendAtOnce(_ count: Int, from regions: UnsafeMutablePointer<iovec>) -> Int {
    loop.sendAtOnce(descriptor, from: regions, count: count)
  }

  /// Less than usual is taken of a reply ahead of the peer's reading.
  func limitUnsent(bytes: Int) { loop.driver.limitUnsent(descriptor, bytes: bytes) }

  // MARK: The end

  /// The peer learns that nothing more comes.
  func endSending() { loop.driver.shutdown(descriptor, .send) }

  /// What waits to receive finds the end, once it has what came before.
  func endReceiving() { loop.driver.shutdown(descriptor, .receive) }

  /// What waits in either direction ends.
  func abort() { loop.driver.shutdown(descriptor, .both) }

  func close() { loop.driver.close(descriptor) }

  // MARK: Who is there

  var peer: SocketEnd? { SocketEnd.peer(of: descriptor) }
  var own: SocketEnd? { SocketEnd.own(of: descriptor) }
  var peerAddress: IPAddress? { SocketAddress.peer(of: descriptor) }
  /// As tools list it.
  var number: Int { Int(descriptor) }
}

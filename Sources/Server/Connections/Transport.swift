import Base
import Glibc
import IO
import TLS

/// What carries the bytes of a connection: the one owner of its descriptor. Sessions receive, send and end through it, and
/// ask it what may be lent. One task may receive while another sends. Where the client came by a door of TLS, the bytes pass
/// a `TLSChannel` between it and the descriptor.
final class Transport: @unchecked Sendable {
  private let descriptor: Int32
  private var loop: EventLoop
  /// Its congestion control sends by a timer, to which lent pages cost more than copies do.
  private let isPaced: Bool
  /// Who the server is to this client; nil for one that speaks without TLS.
  let identity: TLSIdentity?
  /// From the end of its handshake.
  private var channel: TLSChannel?
  /// Who the client has proved to be; nil when it was not asked, or showed nothing.
  private(set) var subject: TLSSubject?

  init(
    accepted descriptor: Int32, on loop: EventLoop, congestion: CongestionChoice?, identity: TLSIdentity? = nil
  ) {
    self.descriptor = descriptor
    self.loop = loop
    self.identity = identity
    isPaced = congestion?.settle(descriptor) ?? false
  }

  /// Leaves its loop, to be used on another: only while no verb waits on it.
  func move(to other: EventLoop, _ workspace: TLSWorkspace) {
    loop.driver.release(descriptor)
    stay(on: other, workspace)
  }

  /// After a move that came to nothing: the other loop knows nothing of it.
  func stay(on own: EventLoop, _ workspace: TLSWorkspace) {
    loop = own
    channel?.move(to: workspace)
  }

  // MARK: TLS

  /// What is said from here on is encrypted.
  func secure(by channel: TLSChannel) {
    self.channel = channel
    subject = channel.session.peer
  }

  /// A session over these buffers, before its handshake. Nil when there is no memory for it.
  func makeChannel(_ identity: TLSIdentity, over buffers: TLSBuffers, _ workspace: TLSWorkspace) -> TLSChannel? {
    TLSSession(identity.context, .server, inbound: buffers.inbound, outbound: buffers.outbound).map {
      TLSChannel($0, over: buffers, descriptor, workspace)
    }
  }

  // MARK: Bytes
  // Inlined, because each asynchronous call costs as much as a small request's answer.

  /// Receives into these regions; how many bytes, and 0 at the peer's end.
  @inline(__always)
  func receive(
    into regions: UnsafeMutablePointer<iovec>, count: Int, options: ReceiveOptions, deadline: UInt64
  ) async throws(IOFailure) -> Int {
    guard let channel else {
      return try await loop.receive(descriptor, into: regions, count: count, options: options, deadline: deadline)
    }
    return try await channel.receive(on: loop, into: regions, count: count, options: options, deadline: deadline)
  }

  /// Whether pages may be lent to it instead of copied.
  var lends: Bool { loop.driver.lends && !isPaced && channel == nil }

  /// Sends some of what these regions name; how many bytes.
  @inline(__always)
  func send(
    _ gathered: Gathering, from regions: UnsafeMutablePointer<iovec>, deadline: UInt64
  ) async throws(IOFailure) -> Int {
    if let channel {
      return try await channel.send(on: loop, from: regions, count: gathered.count, deadline: deadline)
    }
    guard gathered.isLent else {
      return try await loop.send(descriptor, from: regions, count: gathered.count, deadline: deadline)
    }
    return try await loop.lend(
      descriptor, from: regions, count: gathered.count, copied: gathered.copied, deadline: deadline)
  }

  /// Sends what is taken without waiting; how many bytes. Why there are none a later send tells.
  func sendAtOnce(_ count: Int, from regions: UnsafeMutablePointer<iovec>) -> Int {
    guard let channel else { return loop.sendAtOnce(descriptor, from: regions, count: count) }
    return channel.sendAtOnce(on: loop, from: regions, count: count)
  }

  /// Less than usual is taken of a reply ahead of the peer's reading.
  func limitUnsent(bytes: Int) { loop.driver.limitUnsent(descriptor, bytes: bytes) }

  // MARK: The end

  /// The peer learns that nothing more comes.
  func endSending() {
    channel?.end(on: loop)
    loop.driver.shutdown(descriptor, .send)
  }

  /// What waits to receive finds the end, once it has what came before.
  func endReceiving() { loop.driver.shutdown(descriptor, .receive) }

  /// Whether a handshake has succeeded.
  var isSecure: Bool { channel != nil }

  /// What waits in either direction ends.
  func abort() {
    channel?.abort()
    loop.driver.shutdown(descriptor, .both)
  }

  func close() {
    channel?.close(on: loop)
    loop.driver.close(descriptor)
  }

  // MARK: Who is there

  var peer: SocketEnd? { SocketEnd.peer(of: descriptor) }
  var own: SocketEnd? { SocketEnd.own(of: descriptor) }
  var peerAddress: IPAddress? { SocketAddress.peer(of: descriptor) }
  /// As tools list it.
  var number: Int { Int(descriptor) }
}

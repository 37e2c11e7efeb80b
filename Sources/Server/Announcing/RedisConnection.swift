import Base
import CHiredis
import IO
import TLS
import Wire

/// A connection to a Redis that belongs to others: hiredis writes and reads the protocol, the loop's verbs move the bytes, so
/// that nothing ever blocks a loop. Where it speaks TLS, so do we: hiredis would do it on sockets of its own.
final class RedisConnection {
  enum Failure: Error {
    case connection(OutboundConnection.Failure)
    case secured(SecuredConnection.Failure)
    case closed
    /// Bytes that are no RESP.
    case garbage
    /// An error that the other side gave as a reply.
    case refused(String)

    var reason: String {
      switch self {
      case .connection(let failure): failure.reason
      case .secured(let failure): failure.reason
      case .closed: "closed"
      case .garbage: "garbage"
      case .refused(let text): text
      }
    }
  }

  private let loop: EventLoop
  private let connection: OutboundConnection
  /// Over that one; nil without TLS.
  private let secured: SecuredConnection?
  private let reader: UnsafeMutablePointer<redisReader>
  private let inbound: UnsafeMutableRawBufferPointer

  /// Connects, says who we are, and selects the database.
  /// - Parameter trust: whom to believe by TLS; nil to speak without.
  init(to target: RedisURL, trusting trust: TLSContext?, on loop: EventLoop) async throws(Failure) {
    let deadline = loop.now + Limits.announceNanoseconds
    do {
      connection = try await OutboundConnection(to: target.address, on: loop, deadline: deadline)
    } catch {
      throw .connection(error)
    }
    secured = try await Self.secure(connection, target, trust, deadline)
    self.loop = loop
    // Only now: without a connection there is no object whose end would give them back.
    reader = redisReaderCreate()
    inbound = .allocate(byteCount: Limits.announceReplyBytes, alignment: 16)
    var greeting = Announcement(address: [])
    if let password = target.password {
      let user = target.user.isEmpty ? [] : [Array(target.user.utf8)]
      greeting.add([Array("AUTH".utf8)] + user + [Array(password.utf8)])
    }
    greeting.add([Array("SELECT".utf8), Array("\(target.database)".utf8)])
    try await carry(greeting)
  }

  private static func secure(
    _ connection: OutboundConnection, _ target: RedisURL, _ trust: TLSContext?, _ deadline: UInt64
  ) async throws(Failure) -> SecuredConnection? {
    guard let trust else { return nil }
    do {
      return try await SecuredConnection(
        over: connection, to: target.address.host, trusting: trust, deadline: deadline)
    } catch {
      throw .secured(error)
    }
  }

  deinit {
    redisReaderFree(reader)
    inbound.deallocate()
  }

  /// Sends the commands, and waits until all have been answered. An error among the replies is thrown once all are in.
  func carry(_ announcement: Announcement) async throws(Failure) {
    let deadline = loop.now + Limits.announceNanoseconds
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: announcement.bytes.count, alignment: 1)
    copy.copyBytes(from: announcement.bytes)
    defer { copy.deallocate() }
    try await send(UnsafeRawBufferPointer(copy), deadline)
    var complaint: String?
    for _ in 0..<announcement.count {
      if let text = try await reply(deadline) { complaint = complaint ?? text }
    }
    if let complaint { throw .refused(complaint) }
  }

  /// Waits for one reply; the text of it, if it is an error.
  private func reply(_ deadline: UInt64) async throws(Failure) -> String? {
    while true {
      var found: UnsafeMutableRawPointer?
      guard redisReaderGetReply(reader, &found) == REDIS_OK else { throw .garbage }
      if let found {
        defer { freeReplyObject(found) }
        let reply = found.assumingMemoryBound(to: redisReply.self)
        return reply.pointee.type == REDIS_REPLY_ERROR ? String(cString: reply.pointee.str) : nil
      }
      try await receive(deadline)
    }
  }

  private func send(_ bytes: UnsafeRawBufferPointer, _ deadline: UInt64) async throws(Failure) {
    if let secured {
      do { try await secured.send(bytes, deadline: deadline) } catch { throw .secured(error) }
    } else {
      do { try await connection.send(bytes, deadline: deadline) } catch { throw .connection(error) }
    }
  }

  private func receiveSome(_ deadline: UInt64) async throws(Failure) -> Int {
    if let secured {
      do { return try await secured.receive(into: inbound, deadline: deadline) } catch { throw .secured(error) }
    }
    do { return try await connection.receive(into: inbound, deadline: deadline) } catch { throw .connection(error) }
  }

  private func receive(_ deadline: UInt64) async throws(Failure) {
    let count = try await receiveSome(deadline)
    guard count > 0 else { throw .closed }
    redisReaderFeed(reader, inbound.baseAddress!.assumingMemoryBound(to: CChar.self), count)
  }
}

import Base
import CHiredis
import Glibc
import IO

/// A connection to somebody else's Redis: hiredis writes and reads the protocol, the loop's verbs move the bytes, so that
/// nothing ever blocks a loop.
final class RedisConnection {
  enum Failure: Error {
    case io(IOFailure)
    case closed
    case noDescriptor
    /// Bytes that are no RESP.
    case garbage
    /// An error that the other side gave as a reply.
    case refused(String)

    var reason: String {
      switch self {
      case .io(let failure): failure.reason
      case .closed: "closed"
      case .noDescriptor: "no_descriptor"
      case .garbage: "garbage"
      case .refused(let text): text
      }
    }
  }

  private let loop: EventLoop
  private let descriptor: Int32
  private let reader: UnsafeMutablePointer<redisReader>
  private let regions: UnsafeMutablePointer<iovec>
  private let inbound: UnsafeMutableRawBufferPointer

  init(to target: SocketAddress, on loop: EventLoop) async throws(Failure) {
    guard let descriptor = loop.driver.makeSocket(family: target.family) else { throw .noDescriptor }
    self.loop = loop
    self.descriptor = descriptor
    // Only now: without a descriptor there is no object whose end would give them back.
    reader = redisReaderCreate()
    regions = .allocate(capacity: 1)
    inbound = .allocate(byteCount: Limits.announceReplyBytes, alignment: 16)
    do {
      try await loop.connect(
        descriptor, to: target.pointer, addressBytes: target.byteCount,
        deadline: loop.now + Limits.announceNanoseconds)
    } catch {
      throw .io(error)
    }
  }

  /// No verb waits any more: the one task that uses the connection lets it go.
  deinit {
    loop.driver.close(descriptor)
    redisReaderFree(reader)
    regions.deallocate()
    inbound.deallocate()
  }

  /// Sends the commands, and waits until all have been answered. An error among the replies is thrown once all are in.
  func carry(_ announcement: Announcement) async throws(Failure) {
    let deadline = loop.now + Limits.announceNanoseconds
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, announcement.bytes.count), alignment: 1)
    copy.copyBytes(from: announcement.bytes)
    defer { copy.deallocate() }
    try await send(UnsafeMutableRawBufferPointer(rebasing: copy[..<announcement.bytes.count]), deadline)
    var complaint: String?
    for _ in 0..<announcement.count {
      if let text = try await reply(deadline) { complaint = complaint ?? text }
    }
    if let complaint { throw .refused(complaint) }
  }

  private func send(_ bytes: UnsafeMutableRawBufferPointer, _ deadline: UInt64) async throws(Failure) {
    var sent = 0
    while sent < bytes.count {
      regions.pointee = iovec(iov_base: bytes.baseAddress! + sent, iov_len: bytes.count - sent)
      do {
        sent += try await loop.send(descriptor, from: regions, count: 1, deadline: deadline)
      } catch {
        throw .io(error)
      }
    }
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

  private func receive(_ deadline: UInt64) async throws(Failure) {
    regions.pointee = iovec(iov_base: inbound.baseAddress!, iov_len: inbound.count)
    let count: Int
    do {
      count = try await loop.receive(descriptor, into: regions, count: 1, deadline: deadline)
    } catch {
      throw .io(error)
    }
    guard count > 0 else { throw .closed }
    redisReaderFeed(reader, inbound.baseAddress!.assumingMemoryBound(to: CChar.self), count)
  }
}

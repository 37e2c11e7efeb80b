import Base
import Glibc
import IO
import TLS

/// Replies are encrypted a record at a time, whole ones straight from the pages of their values, into bounded memory; when
/// that is full, or the reply at its end, it leaves.
extension TLSChannel {
  /// Where the next byte of a reply stands.
  private struct Cursor {
    let regions: UnsafeMutablePointer<iovec>
    let count: Int
    var position = 0
    var offset = 0
    var left: Int

    init(_ regions: UnsafeMutablePointer<iovec>, _ count: Int) {
      (self.regions, self.count) = (regions, count)
      left = UnsafeMutableBufferPointer(start: regions, count: count).byteCount(ofFirst: count)
    }

    /// What follows in one piece.
    var piece: UnsafeRawBufferPointer {
      mutating get {
        while position < count, offset == regions[position].iov_len { (position, offset) = (position + 1, 0) }
        guard position < count else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(
          start: regions[position].iov_base! + offset, count: regions[position].iov_len - offset)
      }
    }

    mutating func advance(_ bytes: Int) {
      offset += bytes
      left -= bytes
    }
  }

  /// Sends some of what these regions name; how many bytes, all of which the kernel has. What it has not when the time is
  /// over, the next call sends, before it takes anything.
  func send(
    on loop: EventLoop, from regions: UnsafeMutablePointer<iovec>, count: Int, deadline: UInt64
  ) async throws(IOFailure) -> Int {
    if let told = try await finish(on: loop, deadline: deadline) { return told }
    var cursor = Cursor(regions, count)
    widenOutbound(for: cursor.left)
    while cursor.left > 0 {
      let before = untold
      try encrypt(&cursor)
      sendAlone(on: loop)
      if !session.outbound.isEmpty {
        // The kernel is full: what is taken until it has room again is enough for one call.
        if let told = try await finish(on: loop, deadline: deadline) { return told }
        break
      }
      // New keys of the client's first, whose confirmation had no room before.
      if untold == before { break }
    }
    narrowOutbound()
    return tell()
  }

  /// Sends what the kernel takes at once; how many bytes it has. Where that is less than was encrypted, a later `send` tells
  /// of all of it.
  func sendAtOnce(on loop: EventLoop, from regions: UnsafeMutablePointer<iovec>, count: Int) -> Int {
    sendAlone(on: loop)
    guard session.outbound.isEmpty else { return 0 }
    if untold == 0 {
      var cursor = Cursor(regions, count)
      while cursor.left > 0, session.outbound.isEmpty {
        let before = untold
        guard (try? encrypt(&cursor)) != nil, untold > before else { break }
        sendAlone(on: loop)
      }
    }
    return session.outbound.isEmpty ? tell() : 0
  }

  /// Sends what is encrypted, as much as the kernel takes at once and unless that is under way.
  func sendAlone(on loop: EventLoop) {
    guard !isSending, !session.outbound.isEmpty else { return }
    aim()
    session.outbound.consume(loop.sendAtOnce(descriptor, from: outboundRegion, count: 1))
  }

  /// Sends what is encrypted; how many bytes of a reply that was, nil for none of them. A client that takes a little within
  /// the time is told of as one: all of it but a byte may be let go, for which the caller comes back to send the rest.
  private func finish(on loop: EventLoop, deadline: UInt64) async throws(IOFailure) -> Int? {
    let before = session.outbound.count
    do {
      try await drain(on: loop, deadline: deadline)
    } catch {
      let part = min(before - session.outbound.count, untold - 1)
      guard error == .timedOut, part > 0 else { throw error }
      untold -= part
      return part
    }
    guard untold > 0 else { return nil }
    narrowOutbound()
    return tell()
  }

  /// Sends all that is encrypted.
  func drain(on loop: EventLoop, deadline: UInt64) async throws(IOFailure) {
    isSending = true
    defer { isSending = false }
    while !session.outbound.isEmpty {
      aim()
      session.outbound.consume(try await loop.send(descriptor, from: outboundRegion, count: 1, deadline: deadline))
    }
  }

  private func aim() {
    let bytes = session.outbound.bytes
    outboundRegion.pointee = iovec(iov_base: bytes.baseAddress!, iov_len: bytes.count)
  }

  private func tell() -> Int {
    defer { untold = 0 }
    return untold
  }

  // MARK: Records

  /// Encrypts as much as there is room for.
  private func encrypt(_ cursor: inout Cursor) throws(IOFailure) {
    while cursor.left > 0 {
      let room = session.writableBytes
      // A record in the last few bytes of the memory would be a small one.
      guard room > 0, room >= min(cursor.left, Limits.tlsRecordBytes) || session.outbound.isEmpty else { return }
      let record = nextRecord(&cursor, max: room)
      switch session.write(record) {
      case .bytes(let said):
        untold += said
        skip(said, &cursor)
      // Said again, from the same place, when what is there has left.
      case .needsRoom, .needsBytes: return
      case .failed: throw .other(errno: EPROTO)
      }
    }
  }

  /// What goes into the next record: of a long piece its own bytes, of short ones a copy of several.
  private func nextRecord(_ cursor: inout Cursor, max: Int) -> UnsafeRawBufferPointer {
    let first = cursor.piece
    if first.count >= Limits.tlsDirectBytes || first.count == cursor.left || first.count >= max {
      return UnsafeRawBufferPointer(rebasing: first[..<min(first.count, max)])
    }
    var ahead = cursor
    var staged = 0
    while staged < max, ahead.left > 0 {
      let piece = ahead.piece
      // A long one begins with a record of its own.
      if staged > 0, piece.count >= Limits.tlsDirectBytes { break }
      let part = min(piece.count, max - staged)
      memcpy(workspace.staging.baseAddress! + staged, piece.baseAddress!, part)
      ahead.advance(part)
      staged += part
    }
    return UnsafeRawBufferPointer(rebasing: workspace.staging[..<staged])
  }

  private func skip(_ bytes: Int, _ cursor: inout Cursor) {
    var left = bytes
    while left > 0 {
      let part = min(left, cursor.piece.count)
      cursor.advance(part)
      left -= part
    }
  }
}

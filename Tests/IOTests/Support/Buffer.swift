import Base
import Glibc

@testable import IO

/// Memory with a list of regions over it, as the vectored verbs take it.
final class Buffer: @unchecked Sendable {
  let bytes: UnsafeMutableRawBufferPointer
  private let regions = UnsafeMutablePointer<iovec>.allocate(capacity: 8)

  init(count: Int, fill: UInt8 = 0) {
    // So that it serves direct I/O too.
    bytes = .allocate(byteCount: count, alignment: Limits.directAlignmentBytes)
    bytes.initializeMemory(as: UInt8.self, repeating: fill)
  }

  /// Bytes that differ from their neighbours, so that a shift or a swap is detected.
  convenience init(pattern count: Int) {
    self.init(count: count)
    for index in 0..<count { bytes[index] = Self.pattern(at: index) }
  }

  deinit {
    bytes.deallocate()
    regions.deallocate()
  }

  var contents: [UInt8] { withExtendedLifetime(self) { Array(bytes) } }

  func equals(_ other: Buffer) -> Bool {
    withExtendedLifetime((self, other)) {
      bytes.count == other.bytes.count && memcmp(bytes.baseAddress!, other.bytes.baseAddress!, bytes.count) == 0
    }
  }

  static func pattern(at index: Int) -> UInt8 { UInt8(truncatingIfNeeded: index &* 31 ^ index >> 8 ^ index >> 16) }

  /// Regions from `offset` to `end`, in up to `pieces` uneven pieces.
  func regions(from offset: Int = 0, to end: Int? = nil, pieces: Int = 1) -> (UnsafeMutablePointer<iovec>, Int) {
    let end = end ?? bytes.count
    var start = offset
    var count = 0
    while start < end, count < pieces {
      let length = count + 1 == pieces ? end - start : min(end - start, (end - offset) / pieces + count + 1)
      regions[count] = iovec(iov_base: bytes.baseAddress! + start, iov_len: length)
      start += length
      count += 1
    }
    return (regions, count)
  }
}

extension EventLoop {
  /// Sends everything, continuing after short sends; returns how many sends it took.
  @discardableResult
  func sendAll(
    _ descriptor: Int32, _ buffer: Buffer, count: Int? = nil, pieces: Int = 1, deadline: UInt64 = never
  ) async throws(IOFailure) -> Int {
    defer { withExtendedLifetime(buffer) {} }
    let end = count ?? buffer.bytes.count
    var sent = 0
    var sends = 0
    while sent < end {
      let (regions, regionCount) = buffer.regions(from: sent, to: end, pieces: pieces)
      sent += try await send(descriptor, from: regions, count: regionCount, deadline: deadline)
      sends += 1
    }
    return sends
  }

  /// Receives until the buffer is full or the peer has ended; returns the count of bytes.
  func receiveAll(_ descriptor: Int32, into buffer: Buffer, pieces: Int = 1) async throws(IOFailure) -> Int {
    defer { withExtendedLifetime(buffer) {} }
    var received = 0
    while received < buffer.bytes.count {
      let (regions, count) = buffer.regions(from: received, pieces: pieces)
      let more = try await receive(descriptor, into: regions, count: count)
      if more == 0 { break }
      received += more
    }
    return received
  }

  func receiveOnce(
    _ descriptor: Int32, into buffer: Buffer, options: ReceiveOptions = [], deadline: UInt64 = EventLoop.never
  ) async throws(IOFailure) -> Int {
    defer { withExtendedLifetime(buffer) {} }
    let (regions, count) = buffer.regions()
    return try await receive(descriptor, into: regions, count: count, options: options, deadline: deadline)
  }
}

extension EventLoop {
  /// Lends the bytes from `offset` on, but copies those before `copied`; returns the count of bytes taken.
  func lend(
    _ descriptor: Int32, _ buffer: Buffer, from offset: Int, copied: Int = 0, pieces: Int = 1, deadline: UInt64 = never
  ) async throws(IOFailure) -> Int {
    defer { withExtendedLifetime(buffer) {} }
    let regions = UnsafeMutablePointer<iovec>.allocate(capacity: 16)
    defer { regions.deallocate() }
    let copies = buffer.regions(from: offset, to: max(offset, copied), pieces: pieces)
    regions.initialize(from: copies.0, count: copies.1)
    let loans = buffer.regions(from: max(offset, copied), pieces: pieces)
    (regions + copies.1).initialize(from: loans.0, count: loans.1)
    return try await lend(descriptor, from: regions, count: copies.1 + loans.1, copied: copies.1, deadline: deadline)
  }

  /// Lends everything, continuing after short counts; returns how many calls it took.
  @discardableResult
  func lendAll(
    _ descriptor: Int32, _ buffer: Buffer, copied: Int, pieces: Int = 1, deadline: UInt64 = never
  ) async throws(IOFailure) -> Int {
    var (sent, calls) = (0, 0)
    while sent < buffer.bytes.count {
      sent += try await lend(descriptor, buffer, from: sent, copied: copied, pieces: pieces, deadline: deadline)
      calls += 1
    }
    return calls
  }
}

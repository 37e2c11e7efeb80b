import COpenSSL
import Glibc

/// Bytes of one direction between a session and its socket's owner: bounded memory that others own.
package struct TLSPipe {
  private(set) var memory: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0

  init(_ memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

  package var count: Int { end - start }
  package var isEmpty: Bool { start == end }
  /// What stands in it.
  package var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: memory[start..<end]) }
  /// Where the next bytes go.
  package var room: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: memory[end...]) }

  package mutating func arrived(_ count: Int) {
    precondition(count <= memory.count - end, "no more than there was room for")
    end += count
  }

  package mutating func consume(_ count: Int) {
    precondition(count <= end - start, "more consumed than arrived")
    start += count
    if start == end { (start, end) = (0, 0) }
  }

  /// Goes on in other memory, which has room for what is there; the memory before is free.
  package mutating func use(_ other: UnsafeMutableRawBufferPointer) -> UnsafeMutableRawBufferPointer {
    precondition(count <= other.count, "what is there fits")
    if count > 0 { memcpy(other.baseAddress!, memory.baseAddress! + start, count) }
    defer { (memory, start, end) = (other, 0, count) }
    return memory
  }

  fileprivate mutating func take(_ wanted: Int, to place: UnsafeMutableRawPointer) -> Int {
    let taken = min(wanted, count)
    guard taken > 0 else { return 0 }
    memcpy(place, memory.baseAddress! + start, taken)
    consume(taken)
    return taken
  }

  fileprivate mutating func put(_ bytes: UnsafeRawPointer, _ wanted: Int) -> Int {
    let put = min(wanted, memory.count - end)
    guard put > 0 else { return 0 }
    memcpy(memory.baseAddress! + end, bytes, put)
    end += put
    return put
  }
}

/// Both directions of a session, where the library's callbacks find them.
struct TLSPipes {
  var inbound: TLSPipe
  var outbound: TLSPipe
}

/// How the library reads and writes: from and to a session's pipes, and never a socket.
enum TLSStream {
  /// Lives as long as the process.
  nonisolated(unsafe) private static let method: OpaquePointer = {
    guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "pipes") else {
      preconditionFailure("out of memory for the library's own tables")
    }
    BIO_meth_set_read(method, read)
    BIO_meth_set_write(method, write)
    BIO_meth_set_ctrl(method, control)
    return method
  }()

  /// - Parameter pipes: stay where they are for as long as this lives.
  static func make(over pipes: UnsafeMutablePointer<TLSPipes>) -> OpaquePointer? {
    guard let stream = BIO_new(method) else { return nil }
    BIO_set_data(stream, pipes)
    BIO_set_init(stream, 1)
    return stream
  }

  private static func pipes(of stream: OpaquePointer?) -> UnsafeMutablePointer<TLSPipes> {
    BIO_get_data(stream)!.assumingMemoryBound(to: TLSPipes.self)
  }

  private static let read: @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int32) -> Int32 = {
    stream, place, wanted in
    BIO_clear_flags(stream, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
    guard let place, wanted > 0 else { return 0 }
    let taken = pipes(of: stream).pointee.inbound.take(Int(wanted), to: place)
    if taken > 0 { return Int32(taken) }
    BIO_set_flags(stream, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
    return -1
  }

  private static let write: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = {
    stream, bytes, count in
    BIO_clear_flags(stream, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
    guard let bytes, count > 0 else { return 0 }
    let put = pipes(of: stream).pointee.outbound.put(bytes, Int(count))
    if put > 0 { return Int32(put) }
    BIO_set_flags(stream, BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
    return -1
  }

  private static let control: @convention(c) (OpaquePointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int = {
    _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0
  }
}

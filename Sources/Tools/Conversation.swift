import Base

/// What a server says, taken apart into lines and bytes. It holds one buffer, whatever is announced.
final class Conversation {
  /// By when what is waited for has to be there.
  var deadline: UInt64
  let connection: ToolConnection
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.toolBufferBytes, alignment: 16)
  private var start = 0
  private var end = 0

  init(_ connection: ToolConnection, deadline: UInt64) { (self.connection, self.deadline) = (connection, deadline) }

  deinit { buffer.deallocate() }

  func send(_ bytes: [UInt8]) async throws(ToolFailure) { try await connection.send(bytes, deadline: deadline) }

  /// The next line, without its end.
  func line() async throws(ToolFailure) -> [UInt8] {
    var looked = start
    while true {
      if let newline = buffer[looked..<end].firstIndex(of: UInt8(ascii: "\n")) {
        let hasReturn = newline > start && buffer[newline - 1] == UInt8(ascii: "\r")
        defer { start = newline + 1 }
        return Array(buffer[start..<(hasReturn ? newline - 1 : newline)])
      }
      looked = end
      if start > 0 {
        looked -= start
        moveToFront()
      }
      guard end < buffer.count else { throw nonsense("a line without an end") }
      try await bring()
    }
  }

  /// Hands over so many bytes as they come.
  func pass(_ count: Int, _ body: (UnsafeRawBufferPointer) throws(ToolFailure) -> Void) async throws(ToolFailure) {
    var rest = count
    while rest > 0 {
      if start == end { try await bring() }
      let part = min(rest, end - start)
      try body(UnsafeRawBufferPointer(rebasing: buffer[start..<start + part]))
      start += part
      rest -= part
    }
  }

  /// So many bytes, which its caller has bounded.
  func bytes(_ count: Int) async throws(ToolFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    try await pass(count) { (part) throws(ToolFailure) in bytes += part }
    return bytes
  }

  func nonsense(_ what: String) -> ToolFailure {
    ToolFailure("\(connection.target.text): what answers there is no lmcache-server (\(what)); check the port")
  }

  private func moveToFront() {
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
    (start, end) = (0, end - start)
  }

  private func bring() async throws(ToolFailure) {
    if start == end { (start, end) = (0, 0) }
    let room = UnsafeMutableRawBufferPointer(rebasing: buffer[end...])
    let count = try await connection.receive(into: room, deadline: deadline)
    guard count > 0 else { throw ToolFailure.closed(connection.target, bySecured: connection.isSecured) }
    end += count
  }
}

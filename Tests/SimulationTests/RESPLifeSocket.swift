import IO
import Simulation

/// A client's end of a connection for whole pieces: pipelines out, replies in.
final class RESPLifeSocket: @unchecked Sendable {
  private let socket: ClientSocket
  private var received: [UInt8] = []
  private let memory = UnsafeMutableRawPointer.allocate(byteCount: 1 << 20, alignment: 8)

  init(_ socket: ClientSocket) { self.socket = socket }

  convenience init(world: SimulatedWorld, loop: EventLoop) { self.init(ClientSocket(world: world, loop: loop)) }

  convenience init(_ life: RESPLife) { self.init(world: life.world, loop: life.clientLoop) }

  deinit { memory.deallocate() }

  var descriptor: Int32 { socket.descriptor }

  func connect(port: UInt16? = nil) async throws(ClientSocketEnd) { try await socket.connect(port: port) }

  func close() { socket.close() }

  func send(_ bytes: [UInt8]) async throws(ClientSocketEnd) {
    let copy = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyMemory(from: bytes, byteCount: bytes.count)
    var sent = 0
    while sent < bytes.count { sent += try await socket.send(copy + sent, count: bytes.count - sent) }
  }

  func line() async throws(ClientSocketEnd) -> String {
    while true {
      if let end = received.firstIndex(of: 0x0A) {
        defer { received.removeFirst(end + 1) }
        return String(decoding: received[..<max(end - 1, 0)], as: UTF8.self)
      }
      try await more()
    }
  }

  func take(_ count: Int) async throws(ClientSocketEnd) -> [UInt8] {
    while received.count < count { try await more() }
    defer { received.removeFirst(count) }
    return Array(received[..<count])
  }

  /// Whether the server closes the connection without another byte.
  func hasEnded() async -> Bool {
    do throws(ClientSocketEnd) {
      try await more()
      return false
    } catch {
      return received.isEmpty
    }
  }

  private func more() async throws(ClientSocketEnd) {
    let count = try await socket.receiveSome(into: memory, max: 1 << 20)
    received += UnsafeRawBufferPointer(start: memory, count: count)
  }
}

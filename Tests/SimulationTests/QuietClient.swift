import IO
import Simulation

/// A client of a quiet server: sends what a test tells it, and keeps the replies.
final class QuietClient: @unchecked Sendable {
  private let world: SimulatedWorld
  private let loop: EventLoop
  private let socket: ClientSocket
  private let room = UnsafeMutableRawPointer.allocate(byteCount: 1 << 16, alignment: 8)
  private var received: [UInt8] = []
  private var isConnected = false
  private(set) var unsentBytes = 0
  /// The server has closed the connection.
  private(set) var hasEnded = false
  /// Reads nothing while this is false.
  private let reads: Bool

  init(_ quiet: QuietServer, on loop: EventLoop, reads: Bool = true) {
    world = quiet.world
    self.loop = loop
    self.reads = reads
    socket = ClientSocket(world: world, loop: loop)
    loop.startRoot { [self] in
      guard (try? await socket.connect()) != nil else { return hasEnded = true }
      isConnected = true
      while reads, let count = try? await socket.receiveSome(into: room, max: 1 << 16) {
        received += UnsafeRawBufferPointer(start: room, count: count)
      }
      hasEnded = reads
    }
    _ = world.run(until: { isConnected || hasEnded }, nanosecondsMax: 1_000_000_000)
  }

  deinit { room.deallocate() }

  /// Bytes received and not yet taken.
  var receivedBytes: Int { received.count }

  /// Returns when all of it is sent, if the server takes it.
  func send(_ bytes: [UInt8], waits: Bool = true) {
    unsentBytes += bytes.count
    loop.startRoot { [self] in
      let copy = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 1)
      defer { copy.deallocate() }
      copy.copyMemory(from: bytes, byteCount: bytes.count)
      var sent = 0
      while sent < bytes.count, let count = try? await socket.send(copy + sent, count: bytes.count - sent) {
        sent += count
        unsentBytes -= count
      }
    }
    if waits { pass(seconds: 1) { unsentBytes == 0 || hasEnded } }
  }

  /// The next line received, without its end; nil if none comes in a minute.
  func line() -> String? {
    pass(seconds: 60) { received.contains(0x0A) || hasEnded }
    guard let end = received.firstIndex(of: 0x0A) else { return nil }
    defer { received.removeFirst(end + 1) }
    return String(decoding: received[..<max(end - 1, 0)], as: UTF8.self)
  }

  func pass(seconds: UInt64, until isOver: () -> Bool = { false }) {
    _ = world.run(until: isOver, nanosecondsMax: seconds * 1_000_000_000)
  }

  // MARK: RESP

  static func request(_ words: [UInt8]...) -> [UInt8] {
    words.reduce(into: Array("*\(words.count)\r\n".utf8)) { bytes, word in
      bytes += "$\(word.count)\r\n".utf8 + word + "\r\n".utf8
    }
  }

  static func set(_ name: String, bytes: Int) -> [UInt8] {
    request(Array("SET".utf8), Array(name.utf8), [UInt8](repeating: 7, count: bytes))
  }

  static func command(_ words: String) -> [UInt8] { Array("\(words)\r\n".utf8) }

  /// A client whose refusals are reported, as all but LMCache's native client.
  func introduce() -> Bool {
    send(Self.command("CLIENT SETNAME test"))
    return line() == "+OK"
  }
}

import Base
import IO
import Simulation

/// Sends pipelines whole and reads their replies afterwards, as Redis's clients do. Nobody else uses its keys.
final class RESPLifeClient: @unchecked Sendable {
  private struct Value: Equatable {
    let length: Int
    let byte: UInt8
  }

  private enum Expected {
    case stored
    case removed(wasThere: Bool)
    case exists(key: Int, version: Int)
    /// The value, unless it gave way; promised, if it may not have.
    case value(Value?, promisedAt: UInt64?)
  }

  private static let lengths = [0, 1, 1024, 1025, 3000, 9000, 65_536, 200_000]
  private let life: RESPLife
  private let number: Int
  private var random: SplitMix64
  private var values = [Value?](repeating: nil, count: 4)
  /// When an EXISTS said yes to what the key still holds.
  private var promisedAt = [UInt64?](repeating: nil, count: 4)
  /// Counts what was done to a key.
  private var versions = [Int](repeating: 0, count: 4)

  init(life: RESPLife, number: Int, seed: UInt64) {
    self.life = life
    self.number = number
    random = SplitMix64(seed: seed &* 131 &+ UInt64(number))
  }

  func run() async {
    for _ in 0..<3 where life.failure == nil {
      let socket = RESPLifeSocket(life)
      do throws(ClientSocketEnd) {
        try await socket.connect()
        for _ in 0..<random.pick(1...5) { try await converse(socket) }
      } catch {
        // What was under way is unknown: these keys are not looked at again.
        values = values.map { _ in nil }
        promisedAt = promisedAt.map { _ in nil }
        if life.world.isHarmed(socket.descriptor) {
          life.harmedEnds += 1
          socket.close()
          return
        }
        life.fail("client \(number): the server ended the connection: \(error)")
      }
      socket.close()
    }
  }

  private func converse(_ socket: RESPLifeSocket) async throws(ClientSocketEnd) {
    var bytes: [UInt8] = []
    let expected = (0..<random.pick(1...8)).map { _ in request(into: &bytes) }
    try await socket.send(bytes)
    for one in expected where life.failure == nil { try await check(one, socket) }
  }

  // MARK: Requests

  private func request(into bytes: inout [UInt8]) -> Expected {
    let key = random.pick(0...values.count - 1)
    let name = "client \(number) key \(key)"
    switch random.pick(0...9) {
    case 0...3:
      let value = Value(length: Self.lengths.randomElement(using: &random)!, byte: UInt8(random.pick(0...255)))
      append(["SET", name], to: &bytes, arguments: 3)
      bytes += "$\(value.length)\r\n".utf8
      bytes += [UInt8](repeating: value.byte, count: value.length)
      bytes += "\r\n".utf8
      values[key] = value
      promisedAt[key] = nil
      versions[key] += 1
      return .stored
    case 4:
      append(["DEL", name], to: &bytes, arguments: 2)
      defer { (values[key], promisedAt[key], versions[key]) = (nil, nil, versions[key] + 1) }
      return .removed(wasThere: values[key] != nil)
    case 5:
      append(["EXISTS", name], to: &bytes, arguments: 2)
      return .exists(key: key, version: versions[key])
    default:
      append(["GET", name], to: &bytes, arguments: 2)
      // It settles what was promised.
      defer { (promisedAt[key], versions[key]) = (nil, versions[key] + 1) }
      return .value(values[key], promisedAt: promisedAt[key])
    }
  }

  private func append(_ words: [String], to bytes: inout [UInt8], arguments: Int) {
    bytes += "*\(arguments)\r\n".utf8
    for word in words { bytes += "$\(word.utf8.count)\r\n\(word)\r\n".utf8 }
  }

  // MARK: Replies

  private func check(_ expected: Expected, _ socket: RESPLifeSocket) async throws(ClientSocketEnd) {
    let line = try await socket.line()
    switch expected {
    case .stored: expect(line == "+OK", "SET answered \(line)")
    case .removed(let wasThere): expect(line == ":0" || line == ":1" && wasThere, "DEL answered \(line)")
    case .exists(let key, let version):
      expect(line == ":0" || line == ":1", "EXISTS answered \(line)")
      if line == ":1", version == versions[key] { promisedAt[key] = life.world.now }
    case .value(let value, let promisedAt):
      if line == "$-1" {
        // Well within the lease, as seen from here.
        let isPromised = promisedAt.map { life.world.now - $0 < 4_000_000_000 } ?? false
        expect(!isPromised, "a promised value is gone")
        return
      }
      guard let value else { return life.fail("client \(number): a value that nobody stored: \(line)") }
      expect(line == "$\(value.length)", "GET answered \(line) instead of \(value.length) bytes")
      let body = try await socket.take(value.length + 2)
      // Compared as a whole: looking at every byte takes a debug build minutes.
      let whole = [UInt8](repeating: value.byte, count: value.length) + [0x0D, 0x0A]
      expect(body == whole, "another value's bytes, or no line end behind them")
      life.hits += 1
    }
  }

  private func expect(_ isSo: Bool, _ what: String) {
    if !isSo { life.fail("client \(number): \(what)") }
  }
}

import Base
import IO
import Simulation

/// Sends whole pipelines and reads their replies afterwards, as Redis's clients do. No other client uses its keys.
final class RESPLifeClient: @unchecked Sendable {
  private let life: RESPLife
  private let number: Int
  private var random: SplitMix64
  private var model = RESPLifeModel()

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
        // Requests under way have an unknown outcome: these keys are not used again.
        model.forget()
        if life.world.isHarmed(socket.descriptor) {
          life.harmedEnds += 1
          socket.close()
          return
        }
        life.fail("client \(number): the server ended the connection: \(error)")
      }
      socket.close()
    }
    life.expiries += model.expiries
  }

  private func converse(_ socket: RESPLifeSocket) async throws(ClientSocketEnd) {
    let requests = script()
    let askedAt = life.world.now
    try await socket.send(requests.flatMap { RESPLifeSocket.request($0.words(of: number)) })
    // Slow readers: slow enough for requested values to be evicted, and for deadlines to pass.
    if random.chance(perMille: 150) { await life.clientLoop.sleep(nanoseconds: UInt64(random.pick(1...4_000_000_000))) }
    var queued: [RESPLifeRequest]?
    for request in requests where life.failure == nil {
      switch request {
      case .multi:
        queued = []
        try await expect("+OK", socket)
      case .exec:
        try await expect("*\(queued!.count)", socket)
        for inner in queued! { try await check(inner, askedAt, socket) }
        queued = nil
        life.transactions += 1
      default:
        if queued == nil {
          try await check(request, askedAt, socket)
        } else {
          try await expect("+QUEUED", socket)
          queued!.append(request)
        }
      }
    }
  }

  /// Sends some of them in a transaction.
  private func script() -> [RESPLifeRequest] {
    let plain = (0..<random.pick(1...8)).map { _ in RESPLifeRequest.draw(from: &random) }
    guard random.chance(perMille: 200) else { return plain }
    let start = random.pick(0...plain.count)
    return plain[..<start] + [.multi] + plain[start...] + [.exec]
  }

  private func expect(_ line: String, _ socket: RESPLifeSocket) async throws(ClientSocketEnd) {
    let answer = try await socket.line()
    if answer != line { life.fail("client \(number): \(answer) and not \(line)") }
  }

  /// Reads the reply and compares it with what is known.
  private func check(
    _ request: RESPLifeRequest, _ askedAt: UInt64, _ socket: RESPLifeSocket
  ) async throws(ClientSocketEnd) {
    let line = try await socket.line()
    let now = life.world.now
    var complaint: String?
    switch request {
    case .set(let name, let value, let milliseconds):
      // Without room the old value stays, and the reply is an error.
      guard !line.hasPrefix("-OOM ") else { break }
      complaint = line == "+OK" ? nil : "SET answered \(line)"
      model.set(name, value, expiresBy: milliseconds.map { now + UInt64($0) * 1_000_000 })
    case .delete(let name):
      complaint = model.delete(name, answer: line, askedAt: askedAt)
    case .exists(let name):
      complaint = model.exists(name, answer: line, askedAt: askedAt, now: now)
      if name.half != nil, line == ":1" { life.pairsSeen += 1 }
    case .get(let name):
      let bytes = try await body(line, socket)
      complaint = model.get(name, bytes, askedAt: askedAt, now: now)
      if bytes != nil { life.hits += 1 } else { model.noteMiss(name, askedAt: askedAt) }
    case .multiGet(let names):
      guard line == "*\(names.count)" else { return life.fail("client \(number): MGET answered \(line)") }
      for name in names {
        let bytes = try await body(try await socket.line(), socket)
        complaint = complaint ?? model.get(name, bytes, askedAt: askedAt, now: now)
      }
    case .multi, .exec: preconditionFailure("taken care of before")
    }
    if let complaint { life.fail("client \(number), \(request): \(complaint)") }
  }

  /// Nil for a miss.
  private func body(_ line: String, _ socket: RESPLifeSocket) async throws(ClientSocketEnd) -> [UInt8]? {
    if line == "$-1" { return nil }
    guard line.hasPrefix("$"), let length = Int(line.dropFirst()), length >= 0 else {
      life.fail("client \(number): no string: \(line)")
      return nil
    }
    let bytes = try await socket.take(length + 2)
    if bytes.suffix(2) != [0x0D, 0x0A] { life.fail("client \(number): no line end behind a string") }
    return Array(bytes.dropLast(2))
  }
}

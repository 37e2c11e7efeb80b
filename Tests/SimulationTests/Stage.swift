import Base
import IO
import Simulation
import Wire

@testable import Server
@testable import Store

/// A quiet server with clients that a test controls step by step, in virtual time: 5 s of the server take the test
/// none.
final class Stage: @unchecked Sendable {
  struct Failure: Error {
    let what: String
  }

  let quiet: QuietServer
  let clientLoop: EventLoop
  private var outcome: Result<Void, any Error>?

  var world: SimulatedWorld { quiet.world }
  var server: Server { quiet.server }
  var store: Store { quiet.store }

  init(_ quiet: QuietServer) {
    self.quiet = quiet
    clientLoop = quiet.world.makeLoop()
    while quiet.store.populateAhead() {}
    quiet.world.betweenTurns = { _ = quiet.store.populateAhead() }
    quiet.server.start()
  }

  deinit { world.betweenTurns = {} }

  /// Runs until the client has done all of it.
  func act(_ body: @escaping @Sendable () async throws -> Void) throws {
    outcome = nil
    clientLoop.startRoot { [self] in
      do {
        try await body()
        outcome = .success(())
      } catch {
        outcome = .failure(error)
      }
    }
    guard world.run(until: { outcome != nil }, nanosecondsMax: 3_600_000_000_000) else {
      throw Failure(what: "stuck: \(world)")
    }
    try outcome!.get()
  }

  func pass(seconds: Double) { _ = world.run(until: { false }, nanosecondsMax: UInt64(seconds * 1e9)) }

  /// The virtual time until the condition holds; nil if it does not within ten minutes.
  func secondsUntil(_ isSo: () -> Bool) -> Double? {
    let began = world.now
    guard world.run(until: isSo, nanosecondsMax: 600_000_000_000) else { return nil }
    return Double(world.now - began) / 1e9
  }

  func connect(port: UInt16? = nil) throws -> RESPLifeSocket {
    let socket = RESPLifeSocket(world: world, loop: clientLoop)
    try act { try await socket.connect(port: port) }
    return socket
  }

  func sum(_ value: (Worker) -> UInt64) -> UInt64 { server.workers.reduce(0) { $0 + value($1) } }

  func drops(_ reason: DropReason) -> UInt64 { sum { $0.lane.counters.drops(reason) } }
}

extension RESPLifeSocket {
  /// One RESP request, and the first line of its reply.
  func ask(_ words: String...) async throws(ClientSocketEnd) -> String {
    try await send(Self.request(words.map { Array($0.utf8) }))
    return try await line()
  }

  func ask(_ words: [[UInt8]]) async throws(ClientSocketEnd) -> String {
    try await send(Self.request(words))
    return try await line()
  }

  static func request(_ words: [[UInt8]]) -> [UInt8] {
    var bytes = Array("*\(words.count)\r\n".utf8)
    for word in words {
      bytes += "$\(word.count)\r\n".utf8
      bytes += word
      bytes += [0x0D, 0x0A]
    }
    return bytes
  }

  /// A request of a current `lm` client, and its reply.
  func sendLM(_ command: LMCommand, _ key: String, length: Int = 0, meta: ObjectMeta? = nil)
    async throws(ClientSocketEnd)
  {
    let batch = Batch()
    batch.append(command, length: length, meta: meta, key: Array(key.utf8), .nineInts)
    try await send(Array(UnsafeRawBufferPointer(start: batch.bytes.baseAddress!, count: batch.count)))
  }

  func replyOfLM() async throws -> LMReplyHeader {
    let bytes = try await take(LMGeneration.nineInts.replyBytes)
    return try LMCodec.decodeReply(bytes.span.bytes, generation: .nineInts)
  }

  func existsByLM(_ key: String) async throws -> Bool {
    try await sendLM(.exist, key)
    return try await replyOfLM().code == .success
  }
}

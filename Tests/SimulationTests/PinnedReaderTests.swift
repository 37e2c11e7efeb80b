import Base
import IO
import Simulation
import Store
import Synchronization
import Testing
import Wire

@testable import Server

/// Values that clients asked for and do not read stay pinned: only until a writer needs the room.
@Suite struct PinnedReaderTests {
  private let quiet: QuietServer
  private let loop: EventLoop
  private static let chunk = 3 << 20

  init() throws {
    quiet = try QuietServer(leaseSeconds: 0)
    loop = quiet.world.makeLoop()
    let store = quiet.store
    quiet.world.betweenTurns = { _ = store.populateAhead() }
    quiet.server.start()
  }

  private func refusals(_ refusal: Refusal) -> UInt64 {
    quiet.server.workers.reduce(0) { $0 + $1.metrics.refusals.value(refusal) }
  }

  /// Asks for its own chunk and reads none of it.
  private func muteReader(_ number: Int, writer: QuietClient, speaksLM: Bool) -> QuietClient {
    let reader = QuietClient(quiet, on: loop, reads: false)
    if speaksLM {
      reader.send(Self.lm(.put, "k\(number)", length: Self.chunk) + [UInt8](repeating: 7, count: Self.chunk))
      reader.send(Self.lm(.get, "k\(number)", length: 0))
    } else {
      writer.send(QuietClient.set("k\(number)", bytes: Self.chunk))
      #expect(writer.line() == "+OK")
      reader.send(QuietClient.command("GET k\(number)"))
    }
    reader.pass(seconds: 1)
    return reader
  }

  private static func lm(_ command: LMCommand, _ key: String, length: Int) -> [UInt8] {
    let generation = LMGeneration.nineInts
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: generation.requestBytes, alignment: 8)
    defer { memory.deallocate() }
    var output = OutputRawSpan(buffer: memory, initializedCount: 0)
    LMCodec.encodeRequest(
      command, length: length, meta: ObjectMeta(format: 1, type: 2, shape: (1, 1, 1, 1)),
      key: Array(key.utf8).span.bytes,
      generation: generation, into: &output)
    _ = output.finalize(for: memory)
    return Array(memory)
  }

  @Test(arguments: [true, false]) func theyGoOneByOneWhenAWriterFindsNothing(speaksLM: Bool) {
    let writer = QuietClient(quiet, on: loop)
    #expect(writer.introduce())
    let readers = (0..<4).map { muteReader($0, writer: writer, speaksLM: speaksLM) }
    writer.pass(seconds: 30)
    #expect(refusals(.pinsWanted) == 0, "no writer wants anything")
    // 12 of 16 MiB are pinned.
    writer.send(QuietClient.set("first", bytes: 5 << 20))
    #expect(writer.line()?.hasPrefix("-OOM ") == true)
    #expect((0..<2).contains { quiet.store.lane($0).counters.drops(.noMemory) > 0 }, "nothing may go")
    writer.pass(seconds: 3)
    writer.send(QuietClient.set("second", bytes: 5 << 20))
    #expect(writer.line() == "+OK")
    #expect(refusals(.pinsWanted) == 1, "those that are in no writer's way stay")
    withExtendedLifetime(readers) {}
  }

  /// A client may always leave one value unread.
  @Test func oneClientDoesNotPinHalfOfTheBudget() {
    let writer = QuietClient(quiet, on: loop)
    #expect(writer.introduce())
    writer.send(QuietClient.set("k", bytes: 1 << 20))
    #expect(writer.line() == "+OK")
    let mute = [QuietClient(quiet, on: loop, reads: false), QuietClient(quiet, on: loop, reads: false)]
    for client in mute {
      // Each GET pins the value once more.
      client.send((0..<30).flatMap { _ in QuietClient.command("GET k") })
      client.pass(seconds: 1)
    }
    let pinned = quiet.server.respPinnedBytes.load(ordering: .relaxed)
    #expect(pinned > 4 << 20 && pinned <= 9 << 20, "a third of 16 MiB for one, half for both: \(pinned)")
    mute[0].pass(seconds: 70)
    #expect(quiet.server.respPinnedBytes.load(ordering: .relaxed) == 0, "they were given up, and count no more")
  }
}

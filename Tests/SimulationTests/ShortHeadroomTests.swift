import Base
import IO
import Simulation
import Synchronization
import Testing
import Wire

@testable import Server
@testable import Store

/// Replies that wait in full sockets while the system runs short of memory.
@Suite struct ShortHeadroomTests {
  private final class SystemRoom: Sendable {
    let bytes = Atomic<Int>(64 << 30)
  }

  private static let length = 8 << 20

  @Test(.enabled(if: SimulatedWorld.lends, "this system refuses to lend pages"), arguments: [true, false])
  func aReplyThatWaitsIsCopiedOnceTheHeadroomIsSpent(speaksLM: Bool) throws {
    let stage = Stage(try QuietServer(budgetBytes: 64 << 20))
    let room = SystemRoom()
    stage.store.watchRoom { room.bytes.load(ordering: .relaxed) }
    let client = try stage.connect()
    let value = (0..<Self.length).map { UInt8(truncatingIfNeeded: $0 >> 8) }
    try stage.act { () async throws in try await self.ask(for: value, client, speaksLM) }
    stage.pass(seconds: 2)
    let lentBefore = stage.world.lentBytes
    #expect(lentBefore > 0, "the first of it was lent")
    // Enough to populate, too little to lend.
    room.bytes.store(Limits.reserveBytesMin / 100 * 40, ordering: .relaxed)
    #expect(stage.secondsUntil { !stage.store.mayLend } != nil)
    stage.pass(seconds: 2)
    try stage.act { () async throws in
      let headBytes = speaksLM ? LMGeneration.nineInts.replyBytes : "$\(Self.length)\r\n".utf8.count
      let reply = try await client.take(headBytes + Self.length)
      #expect(reply.suffix(Self.length) == value[...])
    }
    #expect(stage.world.lentBytes == lentBefore)
  }

  private func ask(for value: [UInt8], _ client: RESPLifeSocket, _ speaksLM: Bool) async throws {
    if speaksLM {
      let meta = ObjectMeta(format: 1, type: 2, shape: (2, 1, 1, Int32(Self.length / 4)))
      try await client.sendLM(.put, "k", length: Self.length, meta: meta)
      try await client.send(value)
      try await client.sendLM(.get, "k")
    } else {
      #expect(try await client.ask([Array("SET".utf8), Array("k".utf8), value]) == "+OK")
      try await client.send(RESPLifeSocket.request([Array("GET".utf8), Array("k".utf8)]))
    }
  }
}

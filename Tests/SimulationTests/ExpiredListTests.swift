import Base
import IO
import Simulation
import Testing
import Wire

@testable import Server
@testable import Store

/// An expired value is absent to every protocol at once, even before it is swept.
@Suite struct ExpiredListTests {
  private static let length = 16

  private func metadata() -> [UInt8] {
    [Int32(Self.length), 1, 1, 2, 2, 2, 1].flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
  }

  private func names(_ lm: RESPLifeSocket) async throws -> [String] {
    try await lm.sendLM(.list, "")
    let bytes = try await lm.take(lm.replyOfLM().length)
    return bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func aListNamesNothingThatHasExpired() throws {
    let stage = Stage(try QuietServer())
    let lm = try stage.connect()
    let resp = try stage.connect()
    let metadata = metadata()
    try stage.act { [self] () async throws in
      #expect(try await resp.ask("SET", "keptkv_bytes", String(repeating: "b", count: Self.length)) == "+OK")
      #expect(try await resp.ask([Array("SET".utf8), Array("keptmetadata".utf8), metadata]) == "+OK")
      // Sweeps run four times a second: most of these rounds end between two of them.
      for round in 0..<12 {
        let key = "key \(round)"
        #expect(try await resp.ask("SET", key + "kv_bytes", String(repeating: "b", count: Self.length)) == "+OK")
        let set = ["SET", key + "metadata"].map { Array($0.utf8) } + [metadata] + ["PX", "20"].map { Array($0.utf8) }
        #expect(try await resp.ask(set) == "+OK")
        #expect(try await names(lm).sorted() == [key, "kept"].sorted())
        await stage.clientLoop.sleep(nanoseconds: 23_000_000)
        #expect(try await names(lm) == ["kept"], "round \(round)")
      }
    }
  }
}

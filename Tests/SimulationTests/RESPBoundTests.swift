import Base
import Simulation
import Testing

@testable import Server
@testable import Store

/// What one RESP client may hold, and for how long.
@Suite struct RESPBoundTests {
  private static let mebibyte = 1 << 20

  private static func set(_ key: String, _ mebibytes: Int) -> [[UInt8]] {
    [Array("SET".utf8), Array(key.utf8), [UInt8](repeating: 7, count: mebibytes * mebibyte)]
  }

  // MARK: Passwords

  @Test func onlyThePasswordIsThePassword() throws {
    let stage = Stage(try QuietServer(resp: RESPConfiguration(password: Array("secret".utf8))))
    let client = try stage.connect()
    try stage.act { () async throws in
      #expect(try await client.ask("GET", "k").hasPrefix("-NOAUTH"))
      for wrong in ["secre", "s", "", "secret1", "secretsecret", "secret\0", "secret ", "Secret", "secreT", "terces"] {
        #expect(try await client.ask("AUTH", wrong).hasPrefix("-WRONGPASS"), "'\(wrong)'")
        #expect(try await client.ask("AUTH", "default", wrong).hasPrefix("-WRONGPASS"), "'\(wrong)'")
        #expect(try await client.ask("HELLO", "3", "AUTH", "default", wrong).hasPrefix("-WRONGPASS"), "'\(wrong)'")
        #expect(try await client.ask("GET", "k").hasPrefix("-NOAUTH"), "after '\(wrong)'")
      }
      #expect(try await client.ask("AUTH", "secret") == "+OK")
      #expect(try await client.ask("GET", "k") == "$-1")
    }
  }

  // MARK: MULTI

  /// Half of 16 MiB is for bodies in flight, which includes a value that waits for EXEC.
  @Test func whatMultiHoldsGivesWayToOthers() throws {
    let stage = Stage(try QuietServer(leaseSeconds: 0))
    let holder = try stage.connect()
    let other = try stage.connect()
    try stage.act { () async throws in
      #expect(try await holder.ask("CLIENT", "SETNAME", "holder") == "+OK")
      #expect(try await other.ask("CLIENT", "SETNAME", "other") == "+OK")
      #expect(try await holder.ask("MULTI") == "+OK")
      #expect(try await holder.ask(Self.set("held", 6)) == "+QUEUED")
    }
    #expect(stage.store.snapshot().inFlightBytes >= 6 * Self.mebibyte)
    // Of bodies that still arrive the latest gives way; a stalled one goes before it.
    stage.pass(seconds: 1)
    try stage.act { () async throws in
      #expect(try await other.ask(Self.set("wanted", 6)) == "+OK")
      #expect(try await other.ask("STRLEN", "wanted") == ":\(6 * Self.mebibyte)")
    }
    #expect(stage.store.snapshot().inFlightBytes == 0)
    #expect(stage.drops(.condemned) == 1)
    try stage.act { () async throws in
      #expect(try await holder.ask("EXEC") == "*1")
      #expect(try await holder.line().hasPrefix("-OOM"), "its client is told")
      #expect(try await holder.ask("EXISTS", "held") == ":0")
    }
  }

  @Test(arguments: ["DISCARD", "RESET", nil])
  func whatMultiHoldsGoesWithIt(end: String?) throws {
    let stage = Stage(try QuietServer())
    let charged = stage.store.snapshot().chargedBytes
    let client = try stage.connect()
    try stage.act { () async throws in
      #expect(try await client.ask("MULTI") == "+OK")
      #expect(try await client.ask(Self.set("held", 6)) == "+QUEUED")
    }
    #expect(stage.store.snapshot().inFlightBytes >= 6 * Self.mebibyte)
    if let end {
      try stage.act { () async throws in #expect(try await client.ask(end).hasPrefix("+")) }
    } else {
      client.close()
    }
    #expect(stage.secondsUntil { stage.store.snapshot().inFlightBytes == 0 } != nil)
    #expect(stage.store.snapshot().inFlightBodies == 0)
    if end == nil { #expect(stage.secondsUntil { stage.store.snapshot().chargedBytes == charged } != nil) }
    stage.store.checkInvariants()
  }

  /// 4 MiB beside values, booked while they are held.
  @Test func aTransactionHasABound() throws {
    let stage = Stage(try QuietServer())
    let charged = stage.store.snapshot().chargedBytes
    let client = try stage.connect()
    let names = (0..<16).map { [UInt8](repeating: UInt8(ascii: "a") + UInt8($0), count: 60_000) }
    try stage.act { () async throws in
      #expect(try await client.ask("MULTI") == "+OK")
      for _ in 0..<4 { #expect(try await client.ask([Array("EXISTS".utf8)] + names) == "+QUEUED") }
    }
    let held = stage.store.snapshot().chargedBytes - charged
    #expect(held > 3_800_000, "what is queued is booked")
    try stage.act { () async throws in
      #expect(try await client.ask([Array("EXISTS".utf8)] + names) == "-ERR the transaction is too long")
    }
    #expect(stage.store.snapshot().chargedBytes - charged < 6 << 20)
    try stage.act { () async throws in
      #expect(try await client.ask("EXEC").hasPrefix("-EXECABORT"))
      #expect(try await client.ask("EXISTS", "a") == ":0")
      client.close()
    }
    #expect(stage.secondsUntil { stage.store.snapshot().chargedBytes == charged } != nil)
  }

  // MARK: KEYS

  /// All lists together are bounded: other clients hold a part of the bound here.
  @Test func keysKeepsWithinWhatListsMayHold() throws {
    let stage = Stage(try QuietServer())
    let client = try stage.connect()
    try stage.act { () async throws in
      for number in 0..<100 { #expect(try await client.ask("SET", "a name \(number)", "v") == "+OK") }
    }
    let others = Limits.listBytesMax - 1000
    #expect(stage.server.beginList(bytes: others))
    try stage.act { () async throws in
      #expect(try await client.ask("KEYS", "*") == "-ERR too many keys for one reply, use SCAN")
      #expect(try await client.ask("KEYS", "a name 7") == "*1")
      #expect(try await client.line() == "$8")
      #expect(try await client.line() == "a name 7")
      #expect(try await client.ask("PING") == "+PONG")
    }
    stage.server.endList(bytes: others)
    try stage.act { () async throws in
      #expect(try await client.ask("KEYS", "*") == "*100")
      for _ in 0..<200 { _ = try await client.line() }
      #expect(try await client.ask("PING") == "+PONG")
    }
    #expect(stage.server.beginList(bytes: Limits.listBytesMax), "nothing of it is held any more")
  }
}

import Base
import IO
import Simulation
import Testing

@testable import Server
@testable import Store

/// Memory of connections beside pages is booked, and ends them if the budget has no room for it.
@Suite struct BooksTests {
  private let quiet: QuietServer
  private let loop: EventLoop

  init() throws {
    quiet = try QuietServer()
    loop = quiet.world.makeLoop()
    quiet.server.start()
  }

  private var chargedBytes: Int { quiet.store.snapshot().chargedBytes }
  private func refusals(_ refusal: Refusal) -> UInt64 {
    quiet.server.workers.reduce(0) { $0 + $1.metrics.refusals.value(refusal) }
  }

  /// 90,000 of 100,000 arguments.
  private static let half: [UInt8] =
    Array("*100000\r\n$3\r\nDEL\r\n".utf8) + (0..<90_000).flatMap { _ in Array("$1\r\nk\r\n".utf8) }

  @Test func theArgumentsOfARequestAreBooked() {
    let client = QuietClient(quiet, on: loop)
    #expect(client.introduce())
    let before = chargedBytes
    client.send(Self.half)
    client.pass(seconds: 1)
    #expect(chargedBytes - before > 90_000 * ("$1\r\nk\r\n".utf8.count + 8), "the bytes, and where they stand")
    client.send((0..<9_999).flatMap { _ in Array("$1\r\nk\r\n".utf8) })
    #expect(client.line() == ":0")
    #expect(chargedBytes - before < 20_000, "and given back")
  }

  @Test func aTransactionIsBooked() {
    let client = QuietClient(quiet, on: loop)
    #expect(client.introduce())
    let before = chargedBytes
    client.send(QuietClient.command("MULTI"))
    for _ in 0..<20 { client.send(QuietClient.request(Array("ECHO".utf8), [UInt8](repeating: 7, count: 50_000))) }
    for _ in 0..<21 { #expect(client.line() != nil) }
    #expect(chargedBytes - before > 1_000_000)
    client.send(QuietClient.command("DISCARD"))
    #expect(client.line() == "+OK" && chargedBytes - before < 20_000)
  }

  /// Nothing can be evicted to make room.
  @Test func whatTheBudgetHasNoRoomForEndsTheConnection() {
    let client = QuietClient(quiet, on: loop)
    let small = QuietClient(quiet, on: loop)
    #expect(client.introduce() && small.introduce())
    let before = chargedBytes
    #expect(!quiet.store.charge(16 << 20), "the test holds all of it")
    client.send(Self.half)
    #expect(client.line()?.hasPrefix("-OOM ") == true)
    client.pass(seconds: 5)
    #expect(client.hasEnded && refusals(.budgetSpent) == 1)
    small.send(QuietClient.command("EXISTS k"))
    #expect(small.line() == ":0", "who wants no more stays")
    #expect(chargedBytes <= before + 16 << 20)
    quiet.store.discharge(16 << 20)
  }

  @Test func whileTheBudgetIsSpentOnlyProbesComeIn() {
    #expect(!quiet.store.charge(16 << 20))
    let late = QuietClient(quiet, on: loop)
    late.send(QuietClient.command("PING"))
    late.pass(seconds: 5)
    #expect(late.hasEnded && late.line() == nil && refusals(.budgetSpent) == 1)
    let probe = QuietClient(quiet, on: loop)
    probe.send(Array("GET /livez HTTP/1.1\r\nHost: h\r\n\r\n".utf8))
    #expect(probe.line() == "HTTP/1.1 200 OK")
    quiet.store.discharge(16 << 20)
    let client = QuietClient(quiet, on: loop)
    #expect(client.introduce())
  }

  /// Memory never taken is not counted as freed for the allocator.
  @Test func whatWasRefusedLeavesTheBooksAsTheyWere() {
    let before = quiet.store.vault.ledger.withLock { ($0.chargedBytes, $0.untrimmedBytes) }
    #expect(!quiet.store.book(17 << 20))
    #expect(quiet.store.vault.ledger.withLock { ($0.chargedBytes, $0.untrimmedBytes) } == before)
    #expect(quiet.store.book(1 << 20))
    quiet.store.discharge(1 << 20)
    let after = quiet.store.vault.ledger.withLock { ($0.chargedBytes, $0.untrimmedBytes) }
    #expect(after == (before.0, before.1 + (1 << 20)))
  }

  /// While the server closes, the loop chosen for a connection may have ended before the loop that sniffed it.
  @Test func aConnectionThatFindsItsLoopEndedIsTakenFromTheBooks() {
    let first = QuietClient(quiet, on: loop)
    #expect(first.introduce())
    let before = (chargedBytes, quiet.server.openConnections)
    let loads = quiet.server.workers.map { $0.metrics.opened.value(.resp) }
    let other = quiet.server.workers[loads[0] > 0 ? 1 : 0]
    other.mailbox.close()
    let late = QuietClient(quiet, on: loop)
    late.send(QuietClient.command("PING"))
    late.pass(seconds: 1) { late.hasEnded }
    #expect(late.hasEnded && late.line() == nil)
    #expect((chargedBytes, quiet.server.openConnections) == before)
    for name in [ConnectionProtocol.unknown, .resp] {
      let open = quiet.server.workers.reduce(0) {
        $0 + Int($1.metrics.opened.value(name)) - Int($1.metrics.closed.value(name))
      }
      #expect(open == (name == .resp ? 1 : 0))
    }
  }
}

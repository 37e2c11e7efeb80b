import Base
import IO
import Server
import Simulation
import Store
import Testing

/// Whole values that wait for the rest of their request, or for EXEC: the wait is bounded.
@Suite struct WaitingValueTests {
  private let quiet: QuietServer
  private let loop: EventLoop
  /// A share of the 8 MiB that may be in flight.
  private static let large = 6 << 20

  init() throws {
    quiet = try QuietServer()
    loop = quiet.world.makeLoop()
    while quiet.store.populateAhead() {}
    quiet.server.start()
  }

  private var heldBytes: Int { quiet.store.snapshot().inFlightBytes }
  private func drops(_ reason: DropReason) -> UInt64 {
    (0..<2).reduce(0) { $0 + quiet.store.lane($1).counters.drops(reason) }
  }

  @Test func aWholeValueWithoutItsLineEndGoesWhenItsClientIsSilent() {
    let client = QuietClient(quiet, on: loop)
    #expect(client.introduce())
    client.send(Array(QuietClient.set("k", bytes: Self.large).dropLast(2)))
    #expect(heldBytes >= Self.large)
    client.pass(seconds: 15)
    #expect(heldBytes >= Self.large, "a client may pause")
    client.pass(seconds: 6)
    #expect(heldBytes == 0 && drops(.silent) == 1)
    client.send(Array("\r\n".utf8) + QuietClient.command("EXISTS k"))
    #expect(client.line()?.hasPrefix("-OOM ") == true, "the connection stays, and the answer is true")
    #expect(client.line() == ":0")
  }

  /// A client that sends a byte now and then is not silent, but its pages are needed.
  @Test func aWholeValueThatWaitsGivesWay() {
    let waiting = QuietClient(quiet, on: loop)
    #expect(waiting.introduce())
    waiting.send(Array("*5\r\n".utf8) + QuietClient.set("k", bytes: Self.large).dropFirst(4) + Array("$2\r\nE".utf8))
    #expect(heldBytes >= Self.large)
    waiting.pass(seconds: 1)
    let other = QuietClient(quiet, on: loop)
    other.send(QuietClient.set("other", bytes: Self.large))
    #expect(other.line() == "+OK")
    other.send(QuietClient.command("STRLEN other"))
    #expect(other.line() == ":\(Self.large)", "it was stored, not dropped")
    #expect(drops(.condemned) == 1)
    waiting.send(Array("X\r\n$2\r\n60\r\n".utf8))
    #expect(waiting.line()?.hasPrefix("-OOM ") == true)
  }

  @Test func valuesThatWaitForExecGoWhenTheirClientIsSilent() {
    let client = QuietClient(quiet, on: loop)
    #expect(client.introduce())
    client.send(
      QuietClient.command("MULTI") + QuietClient.set("a", bytes: 2 << 20) + QuietClient.set("b", bytes: 3 << 20))
    for answer in ["+OK", "+QUEUED", "+QUEUED"] { #expect(client.line() == answer) }
    #expect(heldBytes >= 5 << 20)
    client.pass(seconds: 21)
    #expect(heldBytes == 0 && drops(.silent) == 2)
    client.send(QuietClient.command("EXEC"))
    #expect(client.line() == "*2")
    for _ in 0..<2 { #expect(client.line()?.hasPrefix("-OOM ") == true) }
  }

  /// Behind a value that is cut off the session only drops bytes: it must not forget the value before it.
  @Test func theFirstValueOfAnMsetGoesWithTheSecond() {
    let client = QuietClient(quiet, on: loop)
    let value = [UInt8](repeating: 7, count: 2 << 20)
    let request = QuietClient.request(Array("MSET".utf8), [1], value, [2], value)
    client.send(Array(request.dropLast(1 << 20)))
    #expect(heldBytes >= 3 << 20)
    client.pass(seconds: 21)
    #expect(heldBytes == 0 && drops(.silent) == 2)
  }

  @Test func oneTransactionLeavesPlacesForOthers() {
    let client = QuietClient(quiet, on: loop)
    #expect(client.introduce())
    client.send(QuietClient.command("MULTI"))
    #expect(client.line() == "+OK")
    // Beyond the share small values are gathered, and larger ones refused.
    for number in 0..<30 { client.send(QuietClient.set("k\(number)", bytes: 2000)) }
    client.send(QuietClient.set("large", bytes: 100_000))
    for _ in 0..<31 { #expect(client.line() == "+QUEUED") }
    #expect(quiet.store.snapshot().inFlightBodies == 8, "half of all that there are")
    let other = QuietClient(quiet, on: loop)
    other.send(QuietClient.set("other", bytes: 100_000) + QuietClient.command("STRLEN other"))
    #expect(other.line() == "+OK" && other.line() == ":100000")
    client.send(QuietClient.command("EXEC") + QuietClient.command("STRLEN k29"))
    #expect(client.line() == "*31")
    for _ in 0..<30 { #expect(client.line() == "+OK") }
    #expect(client.line()?.hasPrefix("-OOM ") == true)
    #expect(client.line() == ":2000" && drops(.tooManyBodies) == 1)
  }

  /// The part received of a refused pair must not become the next pair's value.
  @Test func aPairThatIsRefusedTakesNothingFromTheNext() {
    let client = QuietClient(quiet, on: loop)
    let value = [UInt8](repeating: 7, count: 5000)
    client.send(QuietClient.request(Array("MSET".utf8), [], value, [0x6B], value) + QuietClient.command("STRLEN k"))
    #expect(client.line()?.hasPrefix("-ERR ") == true)
    #expect(client.line() == ":5000")
  }
}

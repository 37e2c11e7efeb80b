import Base
import Glibc
import Synchronization
import Testing

@testable import Bench

/// A lane over real sockets. A slow machine cannot fail these tests: it makes waits longer, and they check only lower
/// bounds.
@Suite
struct LaneTests {
  private func lane(_ line: String, _ server: FakeServer) throws -> (CasePlan, Lane) {
    let words = line.split(separator: " ").map(String.init) + ["redis://127.0.0.1:\(server.port)"]
    let plan = try CasePlan.all(try Options.parse(words))[0]
    let lane = try LaneMaker(target: try server.target, plan: plan, pattern: Pattern()).lane(0, of: 1)
    lane.recorder.isRecording = true
    return (plan, lane)
  }

  @Test
  func aStallIsChargedToAllThatWereDueMeanwhile() throws {
    let server = FakeServer { number, _ in
      if number == 20 { usleep(200_000) }
      return ":1\r\n"
    }
    let (plan, lane) = try lane("exist --rate 1000 --count 300", server)
    lane.run(plan.span(round: 0), after: 0)
    #expect(lane.failure == nil)
    #expect(lane.recorder.operations.value == 300)
    #expect(lane.recorder.misses.value == 0)
    let latencies = lane.recorder.snapshot(.exist)
    // Due in the first half of the stall: about a hundred. A closed loop would record one.
    #expect(latencies.filled.reduce(0) { $0 + ($1.nanoseconds > 100_000_000 ? $1.count : 0) } >= 90)
    #expect(lane.recorder.late.value >= 150)
  }

  @Test(arguments: ["exist --count 500", "exist --count 500 --depth 16", "exist --count 500 --spin"])
  func aClosedLoopCountsWhatItWasAskedFor(line: String) throws {
    let server = FakeServer { number, _ in number % 5 == 0 ? ":0\r\n" : ":1\r\n" }
    let (plan, lane) = try lane(line, server)
    lane.run(plan.span(round: 0), after: 0)
    #expect(lane.failure == nil)
    #expect(lane.recorder.operations.value == 500)
    #expect(lane.recorder.misses.value == 100)
    #expect(server.commands.load(ordering: .relaxed) == 500)
  }

  /// Replies of every kind in one stream: values, misses and errors, smaller than the inbox, larger, and so long that
  /// they are taken in pieces.
  @Test(arguments: [100, 20_000, 700_001])
  func anAnswerIsTakenForWhatItIs(size: Int) throws {
    let value = "$\(size)\r\n" + String(repeating: "x", count: size) + "\r\n"
    let server = FakeServer { number, words in
      switch (words[0], number % 4) {
      case ("GET", 0): "$-1\r\n"
      case ("GET", 1): "-OOM later\r\n"
      case ("GET", _): value
      case ("SET", 3): "-OOM never\r\n"
      case ("SET", _): "+OK\r\n"
      default: ":1\r\n"
      }
    }
    let (plan, lane) = try lane("get --size \(size) --count 80 --depth 8", server)
    lane.run(plan.span(round: 0), after: 0)
    #expect(lane.failure == nil)
    #expect(lane.recorder.operations.value == 80)
    #expect(lane.recorder.misses.value == 20)
    #expect(lane.recorder.errors.value == 20)
    #expect(lane.recorder.bytes.value == 40 * size)
  }

  /// The bulk load beside small requests is sent in short calls, and arrives whole.
  @Test(arguments: [100, 262_000, 700_001])
  func whatIsSentInPiecesComesInWhole(size: Int) throws {
    let server = FakeServer { _, words in
      words[0] == "SET" && words[2] == (size > 256 ? "\(size)" : words[2]) ? "+OK\r\n" : "-ERR\r\n"
    }
    let words =
      "exist-beside --bulk put --size \(size) --bulk-connections 2 --count 30 redis://127.0.0.1:\(server.port)"
    let plan = try CasePlan.all(try Options.parse(words.split(separator: " ").map(String.init)))[0]
    let lane = try LaneMaker(target: try server.target, plan: plan, pattern: Pattern()).bulkLane()
    lane.recorder.isRecording = true
    lane.run(plan.span(round: 0), after: 0)
    #expect(lane.failure == nil)
    #expect(lane.recorder.errors.value == 0)
    #expect(lane.recorder.bytes.value == 30 * size)
  }

  @Test
  func anAnswerThatIsNoneEndsTheLane() throws {
    let server = FakeServer { number, _ in number == 3 ? "hello\r\n" : ":1\r\n" }
    let (plan, lane) = try lane("exist --count 80", server)
    lane.run(plan.span(round: 0), after: 0)
    #expect(lane.failure == Failure("to exist: the answer is not one to expect: \"hello\\r\\n\""))
  }

  @Test
  func aValueThatIsNotTheOneStoredIsNoticed() throws {
    let server = FakeServer { _, _ in "$8\r\nnot mine\r\n" }
    let (plan, lane) = try lane("get --size 8 --count 1 --verify", server)
    lane.run(plan.span(round: 0), after: 0)
    #expect(lane.failure == Failure("key 0: the value read is not the value stored"))
  }
}

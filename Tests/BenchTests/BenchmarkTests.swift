import Base
import Synchronization
import Testing

@testable import Bench

/// Whole runs against servers that record their requests.
@Suite
struct BenchmarkTests {
  private final class Diary: Sendable {
    private let turns = Guarded<[String]>([])

    func note(_ name: String) { turns.withLock { if $0.last != name { $0.append(name) } } }
    var all: [String] { turns.withLock { $0 } }
  }

  private func server(_ name: String, _ diary: Diary) -> FakeServer {
    FakeServer { _, words in
      switch words[0] {
      case "AUTH": return words == ["AUTH", "secret"] ? "+OK\r\n" : "-WRONGPASS\r\n"
      case "INFO": return "$42\r\n# Server\r\nredis_version:9.8.7\r\nexecutable:/r\r\n\r\n"
      case "SET": return "+OK\r\n"
      case "EXISTS": return ":1\r\n"
      default:
        diary.note(name)
        return "$1024\r\n" + String(repeating: "v", count: 1024) + "\r\n"
      }
    }
  }

  private func run(_ line: String, progress: (Progress) -> Void = { _ in }) throws -> Run {
    let words = line.split(separator: " ").map(String.init)
    return try Benchmark.run(try Options.parse(words), commandLine: words, progress: progress)
  }

  @Test
  func targetsTakeTurnsAndEverythingIsCounted() throws {
    let diary = Diary()
    let (one, other) = (server("a", diary), server("b", diary))
    var phases: [Progress.Phase] = []
    let run = try run(
      "get --size 1KiB --count 50 --rounds 3 --connections 2 --warmup 0 a=redis://:secret@127.0.0.1:\(one.port) "
        + "--vs b=redis://:secret@127.0.0.1:\(other.port)"
    ) { if phases.last != $0.phase { phases.append($0.phase) } }
    // Both store, then each is first in its turn.
    #expect(diary.all == ["a", "b", "a", "b"])
    #expect(run.cases.count == 1)
    #expect(run.cases[0].results.map(\.label) == ["a", "b"])
    #expect(!run.commandLine.contains { $0.contains("secret") })
    #expect(phases.prefix(2) == [.connecting, .storing])
    for result in run.cases[0].results {
      #expect(result.version == "9.8.7")
      #expect(result.rounds.map(\.operations) == [50, 50, 50])
      #expect(result.rounds.map(\.bytes) == [51200, 51200, 51200])
      #expect(result.misses == 0 && result.errors == 0)
      #expect(result.latencies.total == 150)
      #expect(result.latenciesByOperation.map(\.total) == [150, 0, 0])
      #expect(result.timeline.points.reduce(0) { $0 + $1.operations } == 150)
      #expect(result.rounds.allSatisfy { $0.seconds > 0 && $0.clientSeconds >= 0 })
    }
  }

  @Test
  func asksBesideALoadAndCountsBothApart() throws {
    let server = server("a", Diary())
    let result = try run(
      "exist-beside --size 1KiB --keys 16 --bulk-connections 2 --rounds 2 --seconds 0.5 --warmup 0 --no-realtime "
        + "redis://:secret@127.0.0.1:\(server.port)"
    ).cases[0].results[0]
    #expect(result.rounds.allSatisfy { $0.operations > 0 && $0.bytes > 0 && $0.bytes % 1024 == 0 })
    #expect(result.latencies.total == result.rounds.reduce(0) { $0 + $1.operations })
    #expect(result.latenciesByOperation[Operation.get.rawValue].total == 0)
    #expect(result.serverMicrosecondsPerOperation == nil)
  }

  @Test
  func theWarmUpIsNoResult() throws {
    let server = server("a", Diary())
    let result = try run(
      "get --size 1KiB --keys 16 --count 10 --rounds 1 --warmup 0.5 redis://:secret@127.0.0.1:\(server.port)"
    ).cases[0].results[0]
    #expect(result.latencies.total == 10)
    #expect(server.commands.load(ordering: .relaxed) > 16 + 10 + 4)
  }

  @Test
  func aWrongPasswordIsNamedAndNotRepeated() {
    let server = server("a", Diary())
    #expect(throws: Failure("redis://127.0.0.1:\(server.port): AUTH was refused")) {
      try run("get --count 1 redis://:wrong@127.0.0.1:\(server.port)")
    }
  }

  @Test
  func aServerThatIsNotThereIsNamed() {
    #expect(throws: Failure("nobody: Connection refused")) { try run("get --count 1 nobody=lm://127.0.0.1:1") }
  }

  @Test
  func eachTargetIsFirstInItsTurn() {
    #expect((0..<4).map { Benchmark.turns(round: $0, targets: 3) } == [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 1, 2]])
  }

  /// Every new value is stored once and read twice on its own connection, and no earlier one is requested again.
  @Test(arguments: [1, 2])
  func churnStoresReadsTwiceAndForgets(threads: Int) throws {
    let asked = Guarded<[String: String]>([:])
    let server = FakeServer { _, words in
      asked.withLock { $0[words[1], default: ""] += words[0].prefix(1) }
      switch words[0] {
      case "SET": return "+OK\r\n"
      default: return "$64\r\n" + String(repeating: "v", count: 64) + "\r\n"
      }
    }
    let run = try run(
      "churn --size 64 --keys 5 --count 60 --rounds 2 --connections 2 --threads \(threads) --warmup 0 "
        + "redis://127.0.0.1:\(server.port)")
    let result = run.cases[0].results[0]
    #expect(result.rounds.map(\.operations) == [60, 60])
    #expect(result.latenciesByOperation[Operation.exist.rawValue].total == 0)
    let histories = asked.withLock { Array($0.values).filter { $0.hasPrefix("S") } }
    let whole = histories.filter { $0 == "SGG" }.count
    // Five fill the store; the end of the round may cut off one of each connection.
    #expect(whole >= 44 && (0...2).contains(histories.count - whole), "\(histories)")
    #expect(histories.allSatisfy { "SGG".hasPrefix($0) }, "\(histories)")
    #expect(run.faults.isEmpty)
  }

  @Test
  func whatSpoilsTheFiguresIsSaid() throws {
    let server = FakeServer { number, words in
      if words[0] == "SET" { return "+OK\r\n" }
      return number % 10 == 0 ? "$-1\r\n" : number % 10 == 1 ? "-OOM\r\n" : "$4\r\nabcd\r\n"
    }
    let run = try run(
      "get --size 4 --keys 20 --count 20 --rounds 1 --warmup 0 store=redis://127.0.0.1:\(server.port)")
    #expect(run.faults == ["GET, 4 B, 1 connection, depth 1: store missed 2 and failed 2"])
  }
}

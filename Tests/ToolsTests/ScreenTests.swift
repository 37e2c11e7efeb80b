import Testing
import Wire

@testable import Tools

/// What is made of the page `/stats`.
@Suite struct ScreenTests {
  @Test func aScreenSaysWhatThePageDoes() throws {
    var figures = try #require(Pages.figures())
    figures.disks[0].written = 2048
    figures.disks[0].read = 1024
    #expect(figures.isWell)
    let screen = StatsScreen.lines(of: figures, at: "cache:65432").joined(separator: "\n")
    #expect(
      screen == """
        cache:65432: degraded, lmcache-server 0.1.0+415398fd91c2, up 1 d 3 h
        memory       512 MiB of 1 GiB (50.0 %), at most 768 MiB so far; 1 MiB arriving in 2, 4 KiB promised
        held         memory: 40 chunks, 511.2 MiB
        held         disk: 1,160 chunks, 5 GiB
        look-ups     900 hit, 100 missed: 90.0 %; 7 refused
        fetches      800 hit, 0 missed: 100.0 %
        stores       5,000 (4.7 GiB), 3 over older ones, 4 dropped
        evictions    30 buffers, 12 pages
        traffic      4.7 GiB in, 8.4 GiB out, 5 refusals
        connections  16 lm, 2 resp, 1 http; at most 20,000
        loops        2 by uring; longest turn lately 1.2 ms
        policy       returns; a look-up promises up to 30 s
        disk         /srv/a b: read_only (EIO\\u001b[2J), 1,200 chunks, 3 of 16 segments in use; \
        2 KiB written, 1 KiB read

        model                     chunks     memory       disk     stored     look-ups     hit     fetched
        meta-llama/Llama-3-8B         40  511.2 MiB      5 GiB      5,000        1,000  90.0 %     8.4 GiB
        """)
  }

  @Test(arguments: [
    "", "{}", "[]", "null", "{\"status\": \"ok\"}", "{\"status\": 1, \"version\": \"\", \"memory\": {}}",
    "{\"status\": \"ok\", \"version\": \"1\"}", "<html>",
  ])
  func aPageOfSomethingElseIsNone(text: String) {
    #expect(JSONElement(Array(text.utf8)).flatMap(ServerFigures.init) == nil)
  }

  /// Of the right shape, and of nothing but wrong values.
  @Test func aPageOfNonsenseIsShownAndNothingMore() throws {
    let text = """
      {"status": "\\u001b[31mfine\\n", "version": "", "memory": 3, "connections": {"lm": -1e308, "x\\ny": 1e308},
       "disks": [1, null, {}], "models": {"a": 1}, "tags": [{"tag": "\\u0007", "puts": 1e300}], "uptime_seconds": -5,
       "tiers": ["memory"], "evictions": {"a": "b"}, "lookups": {"hit": 1e308, "miss": 1e308}, "boot_id": {}}
      """
    let figures = try #require(JSONElement(Array(text.utf8)).flatMap(ServerFigures.init))
    #expect(!figures.isWell)
    let load = Load(from: figures, to: figures, seconds: 1)
    let lines =
      StatsScreen.lines(of: figures, at: "x") + TopScreen.lines(of: figures, load, at: "x")
      + [TopScreen.line(of: figures, load)]
    for line in lines {
      #expect(line.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }, "\(line)")
    }
  }

  @Test func aTableHasSoManyRows() throws {
    let row = "{\"tag\": \"user%N\", \"memory_bytes\": N, \"puts\": 1}"
    let rows = (1...100).map { row.replacing("N", with: "\($0)") }.joined(separator: ",")
    let figures = try #require(Pages.figures([("\"tags\": []", "\"tags\": [\(rows)]")]))
    let lines = StatsScreen.lines(of: figures, at: "x")
    #expect(lines.count { $0.hasPrefix("user%") } == 20)
    #expect(lines.contains { $0.hasPrefix("user%100 ") } && lines.contains("80 more; --json has all"))
  }

  // MARK: What changed

  private static let later = [
    ("\"received_bytes\": 5000000000", "\"received_bytes\": 5002097152"), ("\"hit\": 900", "\"hit\": 930"),
    ("\"miss\": 100", "\"miss\": 110"), ("\"pages\": 12", "\"pages\": 14"),
    ("\"lookup_hits\": 900", "\"lookup_hits\": 920"),
    ("\"fetched_bytes\": 9000000000", "\"fetched_bytes\": 9000002048"),
  ]

  @Test func ratesAreDifferences() throws {
    var (before, now) = (try #require(Pages.figures()), try #require(Pages.figures(Self.later)))
    (before.disks[0].written, now.disks[0].written) = (1000, 3048)
    let load = Load(from: before, to: now, seconds: 2)
    #expect(load.received == 1_048_576 && load.sent == 0 && load.lookups == 20 && load.evictions == 1)
    #expect(load.lookupShare == "75.0 %" && load.fetchShare == nil)
    #expect(load.diskWritten == 1024 && load.diskRead == 0)
    let model = try #require(load.models["meta-llama/Llama-3-8B"])
    #expect(model.lookups == 10 && model.lookupShare == "100.0 %" && model.fetchedBytes == 1024)
    #expect(
      TopScreen.line(of: now, load)
        == "status=degraded memory=512MiB budget=1GiB hit=75.0% in=1MiB/s out=0B/s lookups=20/s fetches=0/s stores=0/s"
        + " dropped=0/s evictions=1/s connections=19 refusals=0/s disk_written=1KiB/s disk_read=0B/s")
    let screen = TopScreen.lines(of: now, load, at: "cache:1")
    #expect(screen.contains("traffic      1 MiB/s in, 0 B/s out") && screen.contains("look-ups     20/s, hit 75.0 %"))
    #expect(screen.last?.hasPrefix("meta-llama/Llama-3-8B ") == true)
    #expect(screen.last?.hasSuffix("10/s     100.0 %     1 KiB/s") == true)
  }

  /// After a restart all counts begin anew.
  @Test func anotherLifeOfTheServerIsNotComparedWith() throws {
    let before = try #require(Pages.figures(Self.later))
    let now = try #require(Pages.figures([("6f1c0a9be24d7735", "0000000000000001")]))
    #expect(Load(from: before, to: now, seconds: 1) == Load())
    let fallen = Load(from: before, to: try #require(Pages.figures()), seconds: 1)
    #expect(fallen.received == 0 && fallen.lookups == 0, "no rate is negative")
  }
}

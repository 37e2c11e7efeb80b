import Testing

@testable import Bench

@Suite
struct ReportTests {
  @Test
  func theTableNamesWhatWasMeasured() {
    let one = Samples.one([
      Samples.target("one", gibibytes: [2, 4, 3]), Samples.target("two", gibibytes: [4, 4, 4], serverSeconds: nil),
    ])
    #expect(
      Report(result: one).text() == """
        GET, 1 MiB, 1 connection, depth 1, 16 keys, 3 rounds of 1.0 s

        speed  GiB/s    min-max  op/s    min-max  ratio    min-max
        one     3.00  2.00-4.00  3072  2048-4096   1.00  1.00-1.00
        two     4.00  4.00-4.00  4096  4096-4096   1.33  1.00-2.00

        latency     p50   p90   p99  p99.9   max
        one      200 µs  1 ms  1 ms   1 ms  1 ms
        two      200 µs  1 ms  1 ms   1 ms  1 ms

        cost  srv s/GiB  srv us/op  srv %  client %  RSS MiB  misses
        one      0.1667     162.76     50        25      512       0
        two           -          -      -        25      512       0
        """)
  }

  @Test
  func aBusyClientIsPointedAt() {
    var target = Samples.target("one", gibibytes: [2])
    target.rounds[0].clientSeconds = 0.91
    #expect(Report(result: Samples.one([target])).text().contains("* the client was busy"))
    #expect(Report(result: Samples.one([target])).text().contains("one *"))
    var one = Samples.one([target])
    one.threads = 2
    #expect(!Report(result: one).text().contains("* the client was busy"))
  }

  @Test
  func errorsAndUnsentRequestsAreSaid() {
    var target = Samples.target("one", gibibytes: [2, 2])
    target.rounds[0].errors = 3
    target.rounds[1].unsent = 4
    let text = Report(result: Samples.one([target])).text()
    #expect(text.contains("3 requests were answered with an error"))
    #expect(text.contains("4 requests were due"))
  }

  @Test
  func aSessionTellsItsHitRatio() {
    var target = Samples.target("one", gibibytes: [2])
    var outcome = SessionOutcome()
    (outcome.requests, outcome.tokensRequested, outcome.tokensHit) = (8, 1000, 625)
    target.session = outcome
    let text = Report(result: Samples.one([target], .session)).text()
    #expect(text.contains("62.5 %"))
  }

  @Test
  func labelsCannotMoveTheCursor() {
    let text = Report(result: Samples.one([Samples.target("a\u{1B}[2Jb", gibibytes: [1])])).text()
    #expect(!text.contains("\u{1B}"))
  }

  @Test
  func aTargetWithoutRoundsIsShownEmpty() {
    let text = Report(result: Samples.one([TargetResult(label: "none", address: "lm://a:1", dialect: .lm)])).text()
    #expect(text.contains("none"))
  }
}

import Testing

@testable import Server

@Suite
struct PrometheusTextTests {
  @Test
  func labelValuesAreEscaped() {
    let family = MetricFamily("a", "What it is.", facts: [("reason", "a \"b\"\\c\nd")])
    var text = PrometheusText()
    text.append([family])
    #expect(
      text.text == """
        # HELP lmcache_server_a What it is.
        # TYPE lmcache_server_a gauge
        lmcache_server_a{reason="a \\"b\\"\\\\c\\nd"} 1

        """)
  }

  @Test
  func noTwoFailuresShareAName() {
    #expect(Set(Refusal.allCases.map { "\($0.label)" }).count == Refusal.allCases.count)
    let outcomes = RequestOutcome.allCases.map { "\($0.spoken.label) \($0.command) \($0.outcome)" }
    #expect(Set(outcomes).count == outcomes.count)
  }
}

import Testing

@testable import Server

@Suite
struct PrometheusTextTests {
  @Test
  func labelValuesAreEscaped() {
    let family = MetricFamily(
      name: "a", help: "What it is.", kind: .gauge,
      samples: [.init(labels: [("reason", "a \"b\"\\c\nd")], value: "1")])
    #expect(
      PrometheusText.render([family]) == """
        # HELP a What it is.
        # TYPE a gauge
        a{reason="a \\"b\\"\\\\c\\nd"} 1

        """)
  }

  @Test
  func noTwoFailuresShareAName() {
    #expect(Set(Refusal.allCases.map { "\($0.label)" }).count == Refusal.allCases.count)
    let outcomes = RequestOutcome.allCases.map { "\($0.spoken.label) \($0.command) \($0.outcome)" }
    #expect(Set(outcomes).count == outcomes.count)
  }
}

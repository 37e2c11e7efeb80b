import Testing

@testable import Policy

@Suite struct AskersTests {
  @Test func itTakesAFewPromptsToBeKnown() {
    var askers = Askers()
    for _ in 0..<3 { askers.note(100, for: 1) }
    #expect(askers.asker(for: 1) == nil && !askers.isOfOther(100, than: 2))
    askers.note(100, for: 1)
    #expect(askers.asker(for: 1) == 100 && askers.isOfOther(100, than: 2) && !askers.isOfOther(100, than: 1))
    #expect(askers.asker(for: 100) == nil && !askers.isOfOther(1, than: 2), "nothing is known of the others")
  }

  /// A prompt now and then that another client looked up last.
  @Test func oneThatDiffersChangesLittle() {
    var askers = Askers()
    for number in 0..<200 {
      askers.note(number % 10 == 9 ? 101 : 100, for: 1)
      #expect(number < 20 || askers.asker(for: 1) == 100)
    }
  }

  /// A client that looks up on either of two connections.
  @Test func whatChangesAllTheTimeIsNotKnown() {
    var askers = Askers()
    for number in 0..<200 {
      askers.note(number % 2 == 0 ? 101 : 100, for: 1)
      #expect(askers.asker(for: 1) == nil)
    }
  }

  /// The connection was closed, and its place is another one's.
  @Test func whatWasKnownIsLearntAnew() {
    var askers = Askers()
    for _ in 0..<1000 { askers.note(100, for: 1) }
    for _ in 0..<8 { askers.note(101, for: 1) }
    #expect(askers.asker(for: 1) == 101 && askers.isOfOther(101, than: 2))
  }
}

import Base
import Testing

@testable import Policy

/// Whether prompts are seen to come mixed.
@Suite struct MixtureTests {
  /// A client that asks on one stream, and fetches and stores on another one.
  private struct Client {
    var mixture = Mixture()
    var asking: UInt16 = 0
    let stream: UInt16 = 0
    /// Of which nothing comes back.
    var isCold = false

    /// A prompt of which some is there, by itself.
    mutating func serve(here: Int, new: Int) {
      let here = isCold ? 0 : here
      ask(here)
      fetch(here)
      for chunk in 0..<new { mixture.noteStore(on: stream, isKnown: chunk == 0) }
    }

    /// Several at once: each is looked up and fetched in turn, and they are stored a chunk of each at a time.
    mutating func serveInTurn(here: Int, new: [Int]) {
      for _ in new { ask(here) }
      for _ in new { fetch(here) }
      for chunk in 0..<(new.max() ?? 0) {
        for count in new where chunk < count { mixture.noteStore(on: stream, isKnown: chunk == 0) }
      }
    }

    /// Up to the first that is not there.
    private mutating func ask(_ here: Int) { for _ in 0...here { mixture.noteRead(on: asking) } }
    private mutating func fetch(_ here: Int) { for _ in 0..<here { mixture.noteRead(on: stream) } }
  }

  @Test(arguments: [0, 9] as [UInt16], 0..<4)
  func promptsOneByOneAreNotMixed(asking: UInt16, seed: UInt64) {
    var client = Client(asking: asking)
    var random = SplitMix64(seed: seed)
    for _ in 0..<1000 {
      client.serve(here: random.pick(asking == 0 ? 0...20 : 1...20), new: random.pick(0...20))
      #expect(!client.mixture.isGreat)
    }
  }

  /// Where asks come apart and nothing is fetched, nothing comes between what is stored.
  @Test(arguments: [1...1, 2...20, 1...20])
  func coldPromptsOneByOneAreNotMixed(lengths: ClosedRange<Int>) throws {
    var client = Client(asking: 9, isCold: true)
    var random = SplitMix64(seed: 1)
    for _ in 0..<300 {
      client.serve(here: 0, new: random.pick(lengths))
      try #require(!client.mixture.isGreat)
    }
  }

  @Test(arguments: [0, 9] as [UInt16], [2, 3, 8])
  func promptsInTurnAreMixed(asking: UInt16, atOnce: Int) {
    var client = Client(asking: asking)
    var random = SplitMix64(seed: 1)
    var stored = 0
    while !client.mixture.isGreat, stored < 3000 {
      let new = (0..<atOnce).map { _ in random.pick(1...20) }
      client.serveInTurn(here: random.pick(0...20), new: new)
      stored += new.reduce(0, +)
    }
    #expect(client.mixture.isGreat, "within a few thousand chunks")
    stored = 0
    while client.mixture.isGreat, stored < 3000 {
      client.serve(here: 5, new: 10)
      stored += 10
    }
    #expect(!client.mixture.isGreat, "and they are told apart again soon")
  }

  /// A few clients that mix theirs do not count for more than what they store.
  @Test func aSmallShareThatIsMixedIsBorne() {
    var client = Client()
    for round in 0..<1000 {
      if round % 10 == 0 {
        client.serveInTurn(here: 3, new: [10, 10])
      } else {
        client.serve(here: 3, new: 20)
      }
      #expect(!client.mixture.isGreat)
    }
  }

  /// A stream of what nobody looks up is one prompt without an end.
  @Test func whatIsStoredWithoutALookUpIsNotMixed() {
    var mixture = Mixture()
    for _ in 0..<5000 { mixture.noteStore(on: 3, isKnown: false) }
    #expect(!mixture.isGreat)
  }
}

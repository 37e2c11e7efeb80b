import Base
import Testing

@testable import Policy

/// One prompt after the other, and what is known of it.
@Suite struct PromptBookTests {
  private typealias Ended = PromptHarness.Ended

  @Test func aPromptIsOneFromItsLookUpToItsLastChunk() {
    let harness = PromptHarness()
    harness.begin(with: [chunks("c", 1...3)])
    harness.serve(chunks("c", 1...6))
    #expect(harness.ended.isEmpty)
    harness.serve(chunks("d", 1...2))
    #expect(harness.ended == [Ended(chunks: chunks("c", 1...6), length: 6)])
    #expect(harness.uses(of: chunks("c", 1...6)) == [1, 1, 1, 0, 0, 0])
    #expect(harness.parents(of: chunks("d", 1...2)) == [nil, "d1"])
    harness.finish()
    #expect(harness.ended.last == Ended(chunks: chunks("d", 1...2), length: 2))
  }

  /// A prompt that waits is looked up again and again.
  @Test func askingAgainIsNoOtherPrompt() {
    let harness = PromptHarness()
    harness.begin(with: [chunks("c", 1...3)])
    for _ in 0..<5 { harness.ask(chunks("c", 1...5)) }
    harness.serve(chunks("c", 1...5))
    harness.finish()
    #expect(harness.ended == [Ended(chunks: chunks("c", 1...5), length: 5)])
    #expect(harness.uses(of: chunks("c", 1...5)) == [1, 1, 1, 0, 0])
  }

  /// An object has two names, of which both are looked up and fetched.
  @Test func aChunkThatIsTouchedTwiceIsUsedOnce() {
    let harness = PromptHarness()
    harness.begin(with: [chunks("c", 1...3)])
    for name in chunks("c", 1...3) { harness.ask([name, name]) }
    for name in chunks("c", 1...3) { harness.fetch([name, name]) }
    harness.finish()
    #expect(harness.ended == [Ended(chunks: chunks("c", 1...3), length: 3)])
    #expect(harness.uses(of: chunks("c", 1...3)) == [1, 1, 1])
  }

  @Test func fetchingAgainIsAnotherPrompt() {
    let harness = PromptHarness()
    harness.begin(with: [chunks("c", 1...2)])
    harness.fetch(chunks("c", 1...2))
    harness.fetch(chunks("c", 1...2))
    harness.finish()
    #expect(harness.ended == Array(repeating: Ended(chunks: chunks("c", 1...2), length: 2), count: 2))
    #expect(harness.uses(of: chunks("c", 1...2)) == [2, 2])
  }

  /// The look-up of its first chunk says that it is another one, and what it follows on the stream says nothing.
  @Test(arguments: [0, 9] as [UInt16])
  func aPromptOfWhichNothingIsThereBeginsWithItsFirstChunk(asking: UInt16) {
    let harness = PromptHarness()
    for prompt in ["a", "b", "c"] { harness.serve(chunks(prompt, 1...3), asking: asking) }
    harness.finish()
    #expect(harness.ended == ["a", "b", "c"].map { Ended(chunks: chunks($0, 1...3), length: 3) })
    #expect(harness.parents(of: ["a1", "b1", "c1"]) == [nil, nil, nil])
  }

  /// What is looked up first is the beginning of a prompt, whatever it followed when it was stored.
  @Test func aLookUpBeginsAtTheFront() {
    let harness = PromptHarness()
    harness.store(chunks("c", 1...4))
    harness.finish()
    #expect(harness.parents(of: chunks("c", 1...4)) == [nil, "c1", "c2", "c3"])
    harness.ask(chunks("c", 3...4))
    #expect(harness.parents(of: chunks("c", 1...4)) == [nil, "c1", nil, "c3"])
  }

  @Test func aMinuteOfSilenceEndsAPrompt() {
    let harness = PromptHarness()
    harness.store(["c1", "c2"])
    harness.pass(tenths: UInt32(PolicyLimits.promptTenths))
    #expect(harness.ended.isEmpty, "computing a long one takes a while")
    harness.store("c3")
    #expect(harness.parent(of: "c3") == "c2")
    harness.finish()
    #expect(harness.ended == [Ended(chunks: chunks("c", 1...3), length: 3)])
    harness.store("c4")
    #expect(harness.parent(of: "c4") == nil)
  }

  /// Some look whether each chunk is there that they have stored.
  @Test func lookingForWhatWasJustStoredIsNoUse() {
    let harness = PromptHarness()
    let prompt = chunks("c", 1...5)
    harness.ask(["c1"])
    for name in prompt {
      harness.store(name)
      harness.ask(name)
    }
    #expect(harness.uses(of: prompt) == [0, 0, 0, 0, 0])
    #expect(harness.parents(of: prompt) == [nil] + prompt.dropLast())
    harness.finish()
    #expect(harness.ended == [Ended(chunks: prompt, length: 5)])
    harness.serve(prompt)
    #expect(harness.uses(of: prompt) == [1, 1, 1, 1, 1])
  }

  /// Some ask for a chunk by itself: to see whether it is there, or since they have those before it.
  @Test func aChunkThatIsAskedForByItselfStaysInItsPlace() {
    let harness = PromptHarness()
    let prompt = chunks("c", 1...8)
    harness.begin(with: [Array(prompt[..<3]), prompt])
    for name in ["c6", "c2", "c8", "c5", "c7"] { harness.ask(name) }
    #expect(harness.parents(of: prompt) == [nil] + prompt.dropLast())
    // All of one prompt was there, and nothing of the next: it is known to stand by itself once it is looked up.
    harness.ask(prompt)
    harness.ask(["d1"])
    harness.store(chunks("d", 1...2))
    harness.ask(chunks("d", 1...2))
    #expect(harness.parents(of: chunks("d", 1...2)) == [nil, "d1"])
  }

  /// A client that looks up once, and then stores without an end.
  @Test func aPromptWithoutAnEndIsSeveral() {
    let harness = PromptHarness()
    harness.begin(with: [["c0"]])
    harness.ask(["c0", "c1"])
    for number in 1...70_000 {
      harness.store("c\(number)")
      if number > 100 { harness.leave("c\(number - 100)") }
    }
    #expect(!harness.ended.isEmpty && harness.ended.allSatisfy { $0.length <= PolicyLimits.promptChunksMax })
  }

  // MARK: Streams

  /// An engine asks on one connection; what it fetches and stores goes over another.
  @Test func aPromptIsOneAcrossStreams() {
    let harness = PromptHarness()
    harness.begin(with: [chunks("c", 1...3)])
    harness.serve(chunks("c", 1...6), asking: 9, on: 1)
    harness.serve(chunks("d", 1...2), asking: 9, on: 1)
    #expect(harness.ended == [Ended(chunks: chunks("c", 1...6), length: 6)])
    #expect(harness.uses(of: chunks("c", 1...3)) == [1, 1, 1])
    #expect(harness.parents(of: ["c4", "d1", "d2"]) == ["c3", nil, "d1"])
  }

  /// An engine has in its own memory what it asked for, and stores what was not there.
  @Test func aPromptIsOneThoughNothingIsFetched() {
    let harness = PromptHarness()
    harness.begin(with: [chunks("c", 1...2)])
    harness.ask(chunks("c", 1...3), on: 9)
    harness.store(chunks("c", 3...4), on: 1)
    harness.finish()
    #expect(harness.ended == [Ended(chunks: chunks("c", 1...4), length: 4)])
  }

  /// A scheduler asks for the chunks of rank 0, of several prompts ahead; each rank fetches and stores its own.
  @Test(arguments: [[0, 1], [1, 0]])
  func eachRankStandsBehindItsOwn(order: [Int]) {
    let harness = PromptHarness()
    func ranked(_ names: [String]) -> [[String]] { [names, names.map { "\($0)@1" }] }
    func serve(_ prompts: [[String]]) {
      let here = prompts.map { harness.ask($0, on: 9) }
      for (prompt, count) in zip(prompts, here) {
        for rank in order { harness.fetch(ranked(prompt)[rank][..<count], on: UInt16(rank)) }
        for rank in order { harness.store(ranked(prompt)[rank][count...], on: UInt16(rank)) }
      }
    }
    serve([chunks("a", 1...2), chunks("b", 1...2)])
    serve([chunks("a", 1...5), chunks("b", 1...5)])
    for prompt in ["a", "b"] {
      for (rank, names) in ranked(chunks(prompt, 1...5)).enumerated() {
        #expect(harness.parents(of: names) == [nil] + names.dropLast(), "rank \(rank)")
        #expect(harness.uses(of: names) == [1, 1, 0, 0, 0])
      }
    }
  }

  // MARK: What has gone

  /// Its node is another chunk's by then.
  @Test func whatHasGoneIsNotTakenForWhatCameAfterIt() {
    let harness = PromptHarness()
    harness.begin(with: [chunks("c", 1...2)])
    harness.ask(chunks("c", 1...3))
    harness.leave("c2")
    harness.store("z1", on: 5)
    harness.store("c3")
    #expect(harness.parent(of: "c3") == nil)
    harness.finish()
    #expect(harness.ended.allSatisfy { !$0.chunks.contains("c3") || !$0.chunks.contains("z1") })
  }

  /// It went in the middle of a look-up.
  @Test(arguments: [0, 5] as [UInt16])
  func nothingIsLookedForBehindWhatHasGone(stream: UInt16) {
    let harness = PromptHarness()
    harness.begin(with: [chunks("c", 1...2)])
    harness.ask(chunks("c", 1...2))
    harness.leave("c2")
    harness.store("z1", on: stream)
    harness.ask("c3")
    harness.store("c3")
    #expect(harness.parents(of: ["z1", "c3"]) == [nil, nil])
  }

  @Test func whereTheLastChunkHasGoneNothingStandsBehindIt() {
    let harness = PromptHarness()
    harness.store(["c1", "c2"])
    harness.leave("c2")
    harness.store("z1", on: 5)
    harness.store("c3")
    #expect(harness.parents(of: ["z1", "c3"]) == [nil, nil])
    // It went while it was looked at, and came back as the first of another.
    harness.ask(["c1", "c3"], on: 1)
    harness.leave("c3")
    harness.store("y1", on: 6)
    harness.ask("y1", on: 1)
    #expect(harness.parent(of: "y1") == nil)
  }
}

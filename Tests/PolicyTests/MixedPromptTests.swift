import Base
import Testing

@testable import Policy

/// Several prompts under way at once on one stream.
@Suite struct MixedPromptTests {
  private typealias Ended = PromptHarness.Ended
  private let one = chunks("s", 1...2) + chunks("a", 1...2)
  private let other = chunks("s", 1...2) + chunks("b", 1...2)

  /// Two prompts share their beginning. One is asked for after the other, and they are fetched and go on in either
  /// order.
  @Test(arguments: [false, true], [0, 9] as [UInt16])
  func whatTwoShareIsUsedTwice(isTurned: Bool, asking: UInt16) {
    let harness = PromptHarness()
    harness.begin(with: [one, other])
    let before = harness.uses(of: ["s1", "s2"])
    let prompts = [one + ["a3", "a4"], other + ["b3", "b4"]]
    for prompt in prompts { harness.ask(prompt, on: asking) }
    for prompt in isTurned ? prompts.reversed() : prompts { harness.fetch(prompt[..<4]) }
    for prompt in isTurned ? prompts.reversed() : prompts { harness.store(prompt[4...]) }
    #expect(harness.parents(of: prompts[0]) == [nil, "s1", "s2", "a1", "a2", "a3"])
    #expect(harness.parents(of: prompts[1]) == [nil, "s1", "s2", "b1", "b2", "b3"])
    #expect(harness.uses(of: ["s1", "s2"]) == before.map { $0 + 2 })
    #expect(harness.uses(of: ["a1", "a2", "b1", "b2"]) == [1, 1, 1, 1])
    // Fetched on another stream than asked, one is taken to be over as soon as the next one is fetched.
    guard asking == 0 else { return }
    harness.finish()
    #expect(harness.ended.count == 2)
    for prompt in prompts { #expect(harness.ended.contains(Ended(chunks: prompt, length: 6))) }
  }

  /// All of both is there: no look-up says where one ends.
  @Test func whatTwoShareIsUsedTwiceWhereNothingIsMissing() {
    let harness = PromptHarness()
    harness.begin(with: [one, other])
    let before = harness.uses(of: ["s1", "s2"])
    for prompt in [one, other] { harness.ask(prompt) }
    for prompt in [one, other] { harness.fetch(prompt) }
    harness.finish()
    #expect(harness.uses(of: ["s1", "s2"]) == before.map { $0 + 2 })
    #expect(harness.ended.count == 2)
    for prompt in [one, other] { #expect(harness.ended.contains(Ended(chunks: prompt, length: 4))) }
  }

  /// Of each something is missing, and known prompts stay apart whatever comes between their chunks.
  @Test func knownPromptsAskedInTurnStayApart() {
    let harness = PromptHarness()
    let prompts = ["a", "b", "c"].map { chunks($0, 1...5) }
    harness.begin(with: prompts.map { Array($0[..<4]) })
    for place in 0..<5 { for prompt in prompts { harness.ask(prompt[place]) } }
    for place in 0..<4 { for prompt in prompts { harness.fetch(prompt[place]) } }
    #expect(harness.uses(of: prompts.flatMap { $0[..<4] }) == Array(repeating: 1, count: 12))
    for place in 1..<4 { for prompt in prompts { #expect(harness.parent(of: prompt[place]) == prompt[place - 1]) } }
    harness.finish()
    #expect(harness.ended.count == 3)
    for prompt in prompts {
      #expect(harness.ended.contains(Ended(chunks: Array(prompt[..<4]), length: 4)))
    }
  }

  /// What a look-up had not found finds its place, in whichever order it is stored.
  @Test func whatIsStoredGoesWhereItsLookUpEnded() {
    let harness = PromptHarness()
    let prompts = ["a", "b", "c"].map { chunks($0, 1...5) }
    harness.begin(with: prompts.map { Array($0[..<4]) })
    for prompt in prompts { harness.ask(prompt) }
    for prompt in prompts.reversed() { harness.store(prompt[4]) }
    #expect(harness.parents(of: ["a5", "b5", "c5"]) == ["a4", "b4", "c4"])
    harness.finish()
    #expect(Set(harness.ended.map(\.chunks)) == Set(prompts))
  }

  /// The first of two that asked for the same fetches, and so does the second.
  @Test func whatTwoAskedForIsFetchedByBoth() {
    let harness = PromptHarness()
    harness.begin(with: [one, other])
    harness.ask(one + ["a3"])
    harness.ask(other + ["b3"])
    harness.fetch(one)
    harness.fetch(other)
    harness.finish()
    #expect(harness.ended.count == 2, "no third one begins with the second fetch")
  }

  // MARK: Bounds

  @Test func aStreamHasNoMoreThanItsShareUnderWay() {
    let harness = PromptHarness(capacity: 400)
    let count = PolicyLimits.streamPromptsMax + 8
    let prompts = (0..<count).map { chunks("p\($0).", 1...3) }
    harness.begin(with: prompts.map { Array($0[..<2]) })
    for prompt in prompts { harness.ask(prompt) }
    #expect(harness.ended.map(\.chunks) == prompts[..<8].map { Array($0[..<2]) }, "those unused for longest are over")
    for prompt in prompts.reversed() {
      harness.fetch(prompt[..<2])
      harness.store(prompt[2])
    }
    // Of those that were not found a few share a place, and the latest one is known.
    let known = prompts.count { harness.parents(of: $0) == [nil, $0[0], $0[1]] }
    #expect(known >= count - 2)
  }

  @Test func allHaveNoMoreThanFits() {
    let streams = PolicyLimits.openPromptsMax / PolicyLimits.streamPromptsMax + 4
    let count = PolicyLimits.openPromptsMax + 100
    let harness = PromptHarness(capacity: count)
    let names = (0..<count).map { "p\($0)" }
    harness.begin(with: names.map { [$0] })
    for (number, name) in names.enumerated() { harness.ask(name, on: UInt16(number % streams)) }
    #expect(harness.ended.count == 100, "each that begins ends one")
    // By a connection that looks up nothing.
    for name in names { harness.fetch(name, on: 1000) }
    harness.finish()
    let uses = names.reduce(0) { $0 + harness.uses(of: $1) }
    #expect(uses >= count + 100, "what is over is another one when it is fetched")
    #expect(harness.ended.count == uses)
  }

  // MARK: At random

  /// Clients that serve prompts as engines do, one by one each, look-ups apart or not, from a store that loses chunks:
  /// what a chunk stands behind is of its prompt.
  @Test(arguments: 0..<6)
  func noChunkStandsBehindAnothersChunk(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let harness = PromptHarness(capacity: 300)
    var works = [[() -> Void]](repeating: [], count: 4)
    for step in 0..<2500 {
      let client = random.pick(0...works.count - 1)
      let stream = UInt16(client)
      if works[client].isEmpty {
        // No two clients have the same at once, and a store that is full loses some.
        let prompt = chunks("p\(client)x\(random.pick(0...6)).", 1...random.pick(1...8))
        let here = prompt.firstIndex { !harness.isStored($0) } ?? prompt.count
        let asks = random.chance(perMille: 500) ? stream + 100 : stream
        works[client] += prompt.prefix(here + 1).map { name in { harness.ask(name, on: asks) } }
        works[client] += prompt[..<here].map { name in { harness.fetch(name, on: stream) } }
        // Some may be there, beyond one that has gone.
        works[client] += prompt[here...].filter { !harness.isStored($0) }.map { name in
          { harness.store(name, on: stream) }
        }
      }
      works[client].removeFirst()()
      guard step % 10 == 9 else { continue }
      for name in harness.stored {
        guard let parent = harness.parent(of: name) else { continue }
        let parts = name.split(separator: ".")
        #expect(parent.hasPrefix("\(parts[0])."), "\(name) behind \(parent)")
      }
      let busy = works.map(\.isEmpty)
      let leaving = harness.stored.filter { name in busy[Int(String(name.dropFirst().first!))!] }
      if let name = leaving.randomElement(using: &random) { harness.leave(name) }
    }
  }
}

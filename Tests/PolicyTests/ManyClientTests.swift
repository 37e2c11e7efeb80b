import Base
import Testing

@testable import Policy

/// Clients on streams of their own, whose prompts begin alike, at the same time.
@Suite struct ManyClientTests {
  private static let shared = chunks("s", 1...5)
  private static let clients = 0..<8

  /// Each asks, fetches, and stores its own end, a step of one or the other at a time.
  private static func serve(_ harness: PromptHarness, apart: UInt16, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var works: [[() -> Void]] = clients.map { number in
      let (stream, own) = (UInt16(number), chunks("c\(number).", 1...3))
      return (shared + [own[0]]).map { name in { harness.ask(name, on: stream + apart) } }
        + shared.map { name in { harness.fetch(name, on: stream) } }
        + own.map { name in { harness.store(name, on: stream) } }
    }
    while let number = works.indices.filter({ !works[$0].isEmpty }).randomElement(using: &random) {
      works[number].removeFirst()()
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func whatAllAskForAtOnceIsUsedOnceByEach(seed: UInt64) {
    let harness = PromptHarness()
    harness.begin(with: [Self.shared])
    let before = harness.uses(of: Self.shared)
    Self.serve(harness, apart: 0, seed: seed)
    #expect(harness.uses(of: Self.shared) == before.map { $0 + Self.clients.count })
    for number in Self.clients {
      #expect(harness.parents(of: chunks("c\(number).", 1...3)) == ["s5", "c\(number).1", "c\(number).2"])
    }
    harness.finish()
    #expect(harness.ended.count == Self.clients.count)
  }

  /// Where they ask on connections of their own, that is known once each has stored a few prompts.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func whatIsAskedForElsewhereIsUsedOnceByEach(seed: UInt64) {
    let harness = PromptHarness(capacity: 400)
    harness.begin(with: [Self.shared])
    for client in Self.clients {
      let own = (0..<5).map { chunks("own\(client).\($0).", 1...2) }
      for prompt in own { harness.serve(Self.shared + prompt, asking: UInt16(client) + 100, on: UInt16(client)) }
    }
    harness.finish()
    let before = harness.uses(of: Self.shared)
    Self.serve(harness, apart: 100, seed: seed)
    #expect(harness.uses(of: Self.shared) == before.map { $0 + Self.clients.count })
    for number in Self.clients {
      #expect(harness.parents(of: chunks("c\(number).", 1...3)) == ["s5", "c\(number).1", "c\(number).2"])
    }
  }

  /// Or fetched one that no other client asked for, though it stored nothing.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func whatIsFetchedTellsWhoAskedForIt(seed: UInt64) {
    let harness = PromptHarness(capacity: 400)
    let own = Self.clients.map { chunks("own\($0).", 1...6) }
    harness.begin(with: [Self.shared] + own)
    for client in Self.clients {
      harness.ask(own[client], on: UInt16(client) + 100)
      harness.fetch(own[client], on: UInt16(client))
    }
    harness.finish()
    let before = harness.uses(of: Self.shared)
    Self.serve(harness, apart: 100, seed: seed)
    #expect(harness.uses(of: Self.shared) == before.map { $0 + Self.clients.count })
  }

  /// It is no part of the prompt that the client asked for.
  @Test func whatIsFetchedWithoutALookUpIsUsed() {
    let harness = PromptHarness()
    let (asked, other) = (chunks("a", 1...3), chunks("b", 1...3))
    harness.begin(with: [asked, other])
    for _ in 0..<5 {
      harness.ask(asked)
      harness.fetch(other)
      harness.finish()
    }
    #expect(harness.uses(of: asked) == [5, 5, 5] && harness.uses(of: other) == [5, 5, 5])
  }

  /// Before that is known, a fetch may be taken to be of yet another prompt.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func whatIsAskedForElsewhereIsUsedTwiceAtMost(seed: UInt64) {
    let harness = PromptHarness()
    harness.begin(with: [Self.shared])
    let before = harness.uses(of: Self.shared).reduce(0, +)
    Self.serve(harness, apart: 100, seed: seed)
    let uses = harness.uses(of: Self.shared).reduce(0, +) - before
    let wanted = Self.clients.count * Self.shared.count
    #expect(uses >= wanted && uses <= 2 * wanted, "\(uses) of \(wanted)")
  }
}

import Testing

@testable import Policy

/// Chunks that are stored over others of their keys: two clients that come to the same prompt at once both store it.
@Suite struct ReplacedChunkTests {
  private let prompt = chunks("a", 1...4)

  @Test func itIsWhatTheOtherWas() {
    let harness = PromptHarness()
    harness.begin(with: [prompt, prompt, prompt])
    let before = harness.uses(of: prompt)
    for name in prompt { harness.store(name, on: 7) }
    #expect(before == [2, 2, 2, 2] && harness.uses(of: prompt) == before)
    harness.serve(prompt)
    #expect(harness.uses(of: prompt) == [3, 3, 3, 3])
  }

  /// By the client that had stored it, which goes on with the same prompt.
  @Test func itStaysWhereItIsInItsOwnPrompt() {
    let harness = PromptHarness()
    harness.store(prompt)
    harness.store("a2")
    #expect(harness.parent(of: "a2") == "a1")
    harness.store(prompt)
    harness.fetch(prompt, on: 3)
    #expect(harness.parents(of: prompt) == [nil, "a1", "a2", "a3"])
  }

  /// Two in a row, on other connections.
  @Test func itsParentMayBeReplacedToo() {
    let harness = PromptHarness()
    harness.begin(with: [prompt])
    harness.store("a2", on: 7)
    harness.store("a3", on: 8)
    harness.finish()
    #expect(harness.parents(of: ["a2", "a3"]) == ["a1", "a2"])
  }

  /// In the middle of a prompt: what stood behind the other one stands behind it, once a client comes by.
  @Test func itStandsWhereTheOtherStood() {
    let harness = PromptHarness()
    harness.begin(with: [prompt])
    harness.store("a2", on: 7)
    harness.finish()
    #expect(harness.parents(of: ["a2", "a3"]) == ["a1", nil])
    harness.begin(with: [prompt])
    #expect(harness.parents(of: prompt) == [nil, "a1", "a2", "a3"])
    harness.serve(prompt + ["a5"])
    harness.finish()
    #expect(harness.ended.map(\.chunks) == [prompt + ["a5"]])
  }

  /// What followed it goes before it does.
  @Test func itIsNoLeafOnceAClientCameBy() {
    let harness = PromptHarness()
    harness.begin(with: [prompt])
    for name in ["a2", "a3"] { harness.store(name, on: 7) }
    harness.finish()
    harness.begin(with: [prompt])
    let leaves = harness.stored.filter { harness.isLeaf($0) }
    #expect(leaves == ["a4"])
  }

  /// Both had missed all of it, and each stores an end of its own.
  @Test func whoeverStoredFirstGoesOnBehindIt() {
    let harness = PromptHarness()
    let ends = [["b1", "b2"], ["c1", "c2"]]
    for (number, end) in ends.enumerated() { harness.ask(prompt + end, on: UInt16(number)) }
    for name in prompt { for number in ends.indices { harness.store(name, on: UInt16(number)) } }
    for place in 0..<2 { for (number, end) in ends.enumerated() { harness.store(end[place], on: UInt16(number)) } }
    #expect(harness.parents(of: prompt) == [nil, "a1", "a2", "a3"])
    #expect(harness.parents(of: ["b1", "b2", "c1", "c2"]) == ["a4", "b1", "a4", "c1"])
    harness.finish()
    #expect(Set(harness.ended.map(\.chunks)) == Set(ends.map { prompt + $0 }))
  }

  /// Its client had not found it.
  @Test func thatIsNoReturn() {
    let tree = OrderHarness(capacity: 200)
    var (here, spare) = (UInt32(1)...4, UInt32(5)...8)
    func serveOther(_ first: UInt32) {
      tree.miss(first)
      for id in first...first + 7 { tree.enter(id) }
      tree.pass(tenths: 1000)
    }
    tree.miss(1)
    for id in here { tree.enter(id) }
    tree.pass(tenths: 1000)
    for round in 0..<10 {
      serveOther(UInt32(9 + 8 * round))
      for (old, id) in zip(here, spare) {
        tree.memory.setHash(of: id, to: tree.nodes.hash(of: old))
        tree.enter(id, insteadOf: old)
        tree.leave(old)
      }
      (here, spare) = (spare, here)
      tree.pass(tenths: 1000)
    }
    #expect(tree.order.knowledge(seed: 1).events.allSatisfy { $0 == 0 })
    for round in 10..<14 { serveOther(UInt32(9 + 8 * round)) }
    for id in here { tree.touch(id, .ask) }
    #expect(tree.order.knowledge(seed: 1).events.contains { $0 > 0 })
  }
}

import Testing

@testable import Policy

/// Long prompts that are not worth their room, where others are: they are known while they are stored.
@Suite struct LongPromptTests {
  /// Chunks of short prompts, a few hundred of which are here, come back, and those of long ones do not.
  private static func tree(capacity: Int = 1000) -> OrderHarness {
    let tree = OrderHarness(capacity: capacity)
    for id in UInt32(1)...400 { tree.enterAlone(id) }
    tree.pass(tenths: 1000)
    var returns = Returns()
    for reuses in 0...3 {
      for distance in 0...2 {
        for (length, isWorthIt) in [(1, true), (4, true), (10, false), (50, false), (100, false)] {
          let chunkClass = ChunkClass(reuses: reuses, distance: distance, new: length, length: length)
          for _ in 0..<1000 { returns.close(chunkClass, ticks: 40, returned: isWorthIt) }
        }
      }
    }
    tree.order.adopt(ValueTable(returns))
    // So much is spared; the rest of this test is about what is not.
    for id in UInt32(401)...450 { tree.enterAlone(id) }
    return tree
  }

  private static let prompt = UInt32(501)...540

  @Test func itsTailGoes() {
    let tree = Self.tree()
    tree.miss(501)
    for id in Self.prompt {
      tree.enter(id)
      let isLong = Int(id - 500) >= PolicyLimits.underWayMin
      #expect((tree.victim() == id) == isLong, "\(id)")
    }
  }

  /// What follows is of no use without it.
  @Test func whatFollowsGoesAtOnce() {
    let tree = Self.tree()
    tree.miss(501)
    for id in UInt32(501)...530 { tree.enter(id) }
    tree.evict(530)
    // Whatever else it might be worth.
    tree.order.adopt(ValueTable())
    for id in UInt32(531)...540 {
      tree.enter(id)
      #expect(tree.victim() == id)
      tree.evict(id)
    }
    // The next one is another prompt.
    tree.enterAlone(541)
    #expect(tree.victim() != 541)
  }

  @Test func whereAllIsWorthLessItIsKept() {
    let tree = Self.tree()
    tree.order.adopt(ValueTable())
    tree.miss(501)
    for id in Self.prompt {
      tree.enter(id)
      #expect(tree.victim().map { !Self.prompt.contains($0) } == true)
    }
  }

  /// What comes next may be a prompt that has nothing to do with it.
  @Test func withoutALookUpItIsKept() {
    let tree = Self.tree()
    for id in Self.prompt {
      tree.enter(id, stream: 3)
      #expect(tree.victim().map { !Self.prompt.contains($0) } == true)
    }
  }

  /// A client looks for the next prompt while the last one is on its way.
  @Test func aPromptThatSeemsToBeOverIsStillStored() {
    let tree = Self.tree()
    tree.miss(501, stream: 1)
    for id in UInt32(501)...510 { tree.enter(id, stream: 1) }
    tree.touch(100, .ask, stream: 2)
    #expect(!tree.nodes[510].pointee.isNew, "it was judged")
    while let victim = tree.victim() {
      #expect(victim != 510)
      tree.order.setAside(victim)
    }
  }

  /// What follows a chunk that a device has is as good as before.
  @Test func aChunkThatIsHadBackLeavesNoGap() {
    let tree = Self.tree()
    tree.miss(501)
    for id in UInt32(501)...530 { tree.enter(id) }
    tree.order.noteEviction(530, isGone: false)
    tree.order.stepAside(530)
    tree.enter(531)
    #expect(tree.nodes.parent(of: 531) == 530 && !tree.nodes[531].pointee.isBehindGap)
  }

  /// The chunks that are kept of it are those of a long prompt, far from its end.
  @Test func whatIsKeptIsJudgedByTheWholePrompt() {
    let tree = Self.tree()
    tree.miss(501)
    for id in UInt32(501)...520 { tree.enter(id) }
    tree.evict(520)
    tree.evict(519)
    for id in UInt32(521)...540 {
      tree.enter(id)
      if id < 540 { tree.evict(id) }
    }
    tree.enterAlone(541)
    let expected = ChunkClass(reuses: 0, distance: 2, new: 40, length: 40)
    for id in UInt32(501)...518 { #expect(tree.nodes[id].pointee.chunkClass == expected) }
    #expect(tree.nodes[540].pointee.chunkClass == ChunkClass(reuses: 0, distance: 0, new: 40, length: 40))
    // It is over for good when nothing more is heard of it.
    tree.pass(tenths: UInt32(PolicyLimits.promptTenths) + 1)
    #expect(tree.order.figures.chunksTurnedAway == 22 && tree.order.figures.chunksStored == 450 + 1 + 18)
  }

  /// It comes again, and its chunks are known, those as well that were never kept.
  @Test func whatWentAtOnceIsKnownWhenItComesAgain() {
    let tree = Self.tree()
    for _ in 0..<3 {
      tree.miss(501)
      for id in Self.prompt {
        tree.enter(id)
        if id >= 520 { tree.evict(id) }
      }
      for id in UInt32(501)...519 { tree.leave(id) }
    }
    tree.miss(501)
    for id in Self.prompt { tree.enter(id) }
    for id in Self.prompt { #expect(tree.nodes[id].pointee.reuses == 3) }
  }
}

import Testing

@testable import Policy

/// What was stored or fetched does not go for two seconds, as far as that is little.
@Suite struct GraceTests {
  private static func tree(of count: UInt32, capacity: Int) -> OrderHarness {
    let tree = OrderHarness(capacity: capacity)
    for id in 1...count { tree.enterAlone(id) }
    tree.pass(tenths: 1000)
    return tree
  }

  /// All that may go; they stay, as promised ones do, since grace is a share of what is there.
  private static func victims(of tree: OrderHarness) -> Set<UInt32> {
    var victims: Set<UInt32> = []
    while let victim = tree.victim() {
      victims.insert(victim)
      tree.order.setAside(victim)
    }
    return victims
  }

  /// Whatever comes meanwhile: those that come when as many are spared as may be are not.
  @Test func whatWasStoredIsSpared() {
    let tree = Self.tree(of: 400, capacity: 480)
    for id in UInt32(401)...480 { tree.enterAlone(id) }
    // Another prompt begins: the last one is over.
    tree.touch(1, .ask)
    // A twentieth of what was there when each of them came.
    let spared = Set(UInt32(401)...480).subtracting(Self.victims(of: tree))
    #expect(spared.isSuperset(of: Set(UInt32(401)...420)), "the first ones are")
    #expect(spared.count >= 400 / 20 && spared.count <= 480 / 20)
    tree.pass(tenths: 20)
    #expect(tree.victim() == nil, "it is not over")
    tree.pass(tenths: 6)
    #expect(Self.victims(of: tree) == spared)
  }

  /// Then it ends after a quarter of a turn-over: what is spared while all else comes anew is room that is lost.
  @Test func whereMuchComesItIsShorter() {
    let tree = Self.tree(of: 400, capacity: 1000)
    for id in UInt32(401)...450 { tree.enterAlone(id) }
    tree.touch(1, .ask)
    #expect(!Self.victims(of: tree).contains(401))
    for id in UInt32(451)...700 { tree.enterAlone(id) }
    tree.touch(1, .ask)
    #expect(Self.victims(of: tree).contains(401))
  }

  @Test func whatWasFetchedIsSpared() {
    let tree = Self.tree(of: 100, capacity: 100)
    tree.touch(1, .ask)
    tree.touch(1, .fetch)
    tree.touch(2, .ask)
    #expect(Self.victims(of: tree) == Set(UInt32(2)...100))
  }

  /// A leaf keeps all that stands before it: of a prompt that is not spared from its front on nothing is.
  @Test func aPromptIsSparedFromItsFront() {
    let tree = Self.tree(of: 200, capacity: 260)
    tree.enterAlone(201)
    for id in UInt32(202)...230 { tree.enter(id) }
    // As many as were spared are so no more, and others may be.
    tree.pass(tenths: 15)
    tree.enter(231)
    tree.pass(tenths: 12)
    for id in UInt32(232)...240 { tree.enter(id) }
    for id in UInt32(201)...240 { #expect((tree.nodes[id].pointee.sparedSince != 0) == (id <= 210), "\(id)") }
  }

  /// The time of grace is that of its beginning.
  @Test func lookingDoesNotProlongIt() {
    let tree = Self.tree(of: 100, capacity: 101)
    tree.enterAlone(101)
    tree.touch(1, .ask)
    for _ in 0..<4 {
      tree.pass(tenths: 7)
      tree.touch(101, .ask)
    }
    #expect(Self.victims(of: tree).contains(101))
  }
}

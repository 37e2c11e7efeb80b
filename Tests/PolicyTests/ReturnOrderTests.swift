import Base
import Testing

@testable import Policy

/// What goes, and in which order.
@Suite struct ReturnOrderTests {
  @Test func aNodeFitsARecord() { #expect(MemoryLayout<ChunkNode>.stride <= 36) }

  @Test func aPrefixGoesFromItsTail() {
    let tree = OrderHarness(capacity: 10)
    for id in tree.memory.all { tree.enter(id) }
    tree.pass(tenths: 1000)
    for id in tree.memory.all.reversed() {
      #expect(tree.victim() == id)
      tree.leave(id)
    }
    #expect(tree.victim() == nil)
  }

  /// Whatever clients do, and however prompts fork.
  @Test(arguments: 0..<20)
  func whatGoesIsALeaf(seed: UInt64) {
    let tree = OrderHarness(capacity: 60, seed: seed)
    var random = SplitMix64(seed: seed)
    var aside: Set<UInt32> = []
    for _ in 0..<1500 {
      let stream = UInt16(random.pick(0...3))
      let id = UInt32(random.pick(1...60))
      let isStored = tree.stored.contains(id)
      switch random.pick(0...9) {
      case 0...4 where isStored: tree.touch(id, random.chance(perMille: 500) ? .ask : .fetch, stream: stream)
      case 0...1: tree.miss(id, stream: stream)
      case 2...4: tree.enter(id, stream: stream)
      case 5 where isStored && aside.insert(id).inserted: tree.order.setAside(id)
      case 6 where aside.contains(id):
        tree.order.restore(id)
        aside.remove(id)
      case 7 where isStored:
        tree.leave(id)
        aside.remove(id)
      case 8: tree.pass(tenths: UInt32(random.pick(0...200)))
      default:
        guard let victim = tree.victim() else { continue }
        let isFollowed = tree.stored.contains { tree.nodes.parent(of: $0) == victim }
        #expect(tree.stored.contains(victim) && !aside.contains(victim) && !isFollowed)
        tree.leave(victim)
      }
    }
    #expect(tree.order.count == tree.stored.count)
  }

  /// Where all are leaves, and as many are watched as may be.
  @Test func itTakesNoMoreThanIsBooked() {
    let tree = OrderHarness(capacity: 5000)
    for id in tree.memory.all {
      tree.enterAlone(id)
      guard id > 200, id % 10 == 0 else { continue }
      #expect(tree.order.bytes <= Int(id) * ReturnOrder.bytesPerChunk)
    }
    #expect(tree.order.bytes > tree.order.count * ReturnOrder.bytesPerChunk / 2, "they are watched")
    let classes = Returns.size * 3 * MemoryLayout<Float>.stride
    #expect(
      classes + PromptBook.bytes + LastUseShadow.bytes + GoneChunks.bytesMin + Monitor.bytesMin < ReturnOrder.tableBytes
    )
  }

  @Test func whatTakesMoreRoomGoesFirst() {
    let tree = OrderHarness(capacity: 4)
    for id in tree.memory.all { tree.enterAlone(id, units: id == 2 ? 100 : 10) }
    tree.pass(tenths: 1000)
    #expect(tree.victim() == 2)
  }

  /// It loses what would have been found, which the order of last use would have kept.
  @Test func whereItDoesWorseItHasNoOpinionForAWhile() {
    let tree = OrderHarness(capacity: 100)
    for id in tree.memory.all { tree.enterAlone(id) }
    tree.pass(tenths: 1000)
    var opinions: [Bool] = []
    for round in 0..<12 {
      for id in tree.memory.all {
        // Something goes, and is wanted at once.
        if round < 6 {
          tree.leave(id)
          tree.enterAlone(id)
        } else {
          tree.touch(id, .fetch)
        }
      }
      tree.pass(tenths: 1000)
      let hasOpinion = tree.victim() != nil
      if hasOpinion != opinions.last { opinions.append(hasOpinion) }
    }
    #expect(opinions == [true, false, true])
  }

  /// Nothing is known of prompts that cannot be told apart.
  @Test func whereChunksCannotBeToldApartItHasNoOpinion() {
    let tree = OrderHarness(capacity: 4000)
    var isSilent = false
    for id in stride(from: UInt32(1), through: 3996, by: 4) {
      // Two prompts of two chunks, looked up before and stored in turn.
      tree.miss(id)
      tree.miss(id + 1)
      for chunk in id...id + 3 { tree.enter(chunk) }
      isSilent = isSilent || tree.victim() == nil
    }
    #expect(isSilent)
  }
}

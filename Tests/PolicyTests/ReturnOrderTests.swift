import Base
import Testing

@testable import Policy

/// What goes, and in which order.
@Suite struct ReturnOrderTests {
  private final class Tree {
    let memory: ChunkMemory
    var order: ReturnOrder
    private(set) var stored: Set<UInt32> = []
    private var now: UInt32 = 10

    init(capacity: Int, seed: UInt64 = 1) {
      memory = ChunkMemory(capacity: capacity)
      order = ReturnOrder(nodes: memory.nodes, sparedShare: 20, seed: seed)
    }

    var nodes: ChunkNodes { memory.nodes }

    func enter(_ id: UInt32, units: Int = 1, stream: UInt16 = 0) {
      memory.renew(id)
      order.enter(id, units: units, stream: stream, at: now)
      stored.insert(id)
    }

    func leave(_ id: UInt32) {
      order.leave(id)
      stored.remove(id)
    }

    func touch(_ id: UInt32, _ step: PromptStep, stream: UInt16 = 0) {
      order.touch(id, step, stream: stream, at: now)
    }

    /// A look-up of what is not there: what is stored next is of another prompt.
    func miss(_ id: UInt32, stream: UInt16 = 0) { order.miss(nodes.group(of: id), stream: stream, at: now) }

    func victim() -> UInt32? { order.victim() }

    /// A prompt of one chunk.
    func enterAlone(_ id: UInt32, units: Int = 1) {
      miss(id)
      enter(id, units: units)
    }

    func pass(tenths: UInt32) {
      now += tenths
      // A few prompts are looked at each time.
      for _ in 0..<100 { order.note(tenths: now) }
    }
  }

  @Test func aNodeFitsARecord() { #expect(MemoryLayout<ChunkNode>.stride <= 36) }

  @Test func aPrefixGoesFromItsTail() {
    let tree = Tree(capacity: 10)
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
    let tree = Tree(capacity: 60, seed: seed)
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
    let tree = Tree(capacity: 5000)
    for id in tree.memory.all {
      tree.enterAlone(id)
      guard id > 200, id % 10 == 0 else { continue }
      #expect(tree.order.bytes <= Int(id) * ReturnOrder.bytesPerChunk)
    }
    #expect(tree.order.bytes > tree.order.count * ReturnOrder.bytesPerChunk / 2, "they are watched")
    let classes = Returns.size * 3 * MemoryLayout<Float>.stride
    #expect(classes + PromptBook.bytes + LastUseShadow.bytes < ReturnOrder.tableBytes)
  }

  @Test func whatTakesMoreRoomGoesFirst() {
    let tree = Tree(capacity: 4)
    for id in tree.memory.all { tree.enterAlone(id, units: id == 2 ? 100 : 10) }
    tree.pass(tenths: 1000)
    #expect(tree.victim() == 2)
  }

  @Test func whatWasUsedJustNowIsSpared() {
    let tree = Tree(capacity: 100)
    for id in tree.memory.all {
      tree.enterAlone(id)
      if id == 60 { tree.pass(tenths: 1000) }
    }
    tree.touch(1, .fetch)
    for _ in 0..<50 {
      let victim = tree.victim()!
      #expect(victim != 1 && victim <= 92)
      tree.leave(victim)
    }
  }

  /// It loses what would have been found, which the order of last use would have kept.
  @Test func whereItDoesWorseItHasNoOpinionForAWhile() {
    let tree = Tree(capacity: 100)
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
    let tree = Tree(capacity: 4000)
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

import Base
import Testing

@testable import Policy

/// The tree, beside dictionaries: parents are never their own ancestors there.
@Suite struct PrefixTreeTests {
  private final class Model {
    let memory = ChunkMemory(capacity: 40)
    var tree: PrefixTree
    var parents: [UInt32: UInt32] = [:]
    var aside: Set<UInt32> = []
    var uses: [UInt32: UInt8] = [:]
    /// Of those that have gone.
    var gone: [UInt32: UInt8] = [:]
    var clock: UInt32 = 0

    init() { tree = PrefixTree(nodes: memory.nodes) }

    var stored: [UInt32] { memory.all.filter { uses[$0] != nil } }
    var free: UInt32? { memory.all.first { uses[$0] == nil } }

    func enter(_ id: UInt32) {
      memory.renew(id)
      tree.enter(id, units: 1)
      uses[id] = gone.removeValue(forKey: id).map { $0 + 1 } ?? 0
      clock += 1
    }

    func leave(_ id: UInt32) {
      tree.leave(id)
      gone[id] = uses[id]
      (uses[id], parents[id]) = (nil, nil)
      aside.remove(id)
      for (child, parent) in parents where parent == id { parents[child] = nil }
    }

    func link(_ id: UInt32, to parent: UInt32) {
      let isLinked = tree.link(id, to: parent)
      #expect(isLinked == (uses[parent] != nil && !isBefore(id, parent)), "only what makes no ring")
      if isLinked { parents[id] = parent }
    }

    func unlink(_ id: UInt32) {
      tree.unlink(id)
      parents[id] = nil
    }

    func use(_ id: UInt32) {
      tree.use(id)
      uses[id]! += 1
      clock += 1
      #expect(memory.nodes[id].pointee.touchedAt == clock && tree.newest == id)
    }

    /// Whether `other` is `id`, or behind it.
    private func isBefore(_ id: UInt32, _ other: UInt32) -> Bool {
      var chunk: UInt32? = other
      while let one = chunk {
        if one == id { return true }
        chunk = parents[one]
      }
      return false
    }

    func check() {
      var followers: [UInt32: UInt32] = [:]
      for (_, parent) in parents { followers[parent, default: 0] += 1 }
      let stored = stored
      for id in stored {
        let node = memory.nodes[id].pointee
        let isRight =
          memory.nodes.parent(of: id) == parents[id] ?? 0 && node.followers == followers[id] ?? 0
          && node.reuses == uses[id] && (node.leaf != 0) == (followers[id] == nil && !aside.contains(id))
        if !isRight { Issue.record("\(id): \(node)") }
      }
      let leaves = (0..<tree.leaves.count).map { tree.leaves[$0] }
      #expect(leaves.sorted() == stored.filter { followers[$0] == nil && !aside.contains($0) })
      #expect(tree.count == stored.count && tree.clock == clock)
    }
  }

  @Test(arguments: 0..<10)
  func itIsATree(seed: UInt64) {
    let model = Model()
    var random = SplitMix64(seed: seed)
    for step in 0..<600 {
      let stored = model.stored
      let one = stored.isEmpty ? 0 : stored[random.pick(0...stored.count - 1)]
      switch random.pick(0...11) {
      case 0...3:
        guard let id = model.free else { continue }
        model.enter(id)
        if one != 0, random.chance(perMille: 800) { model.link(id, to: one) }
      case 4...5 where one != 0: model.leave(one)
      // Any node may be named, also one that is free.
      case 6...7 where one != 0: model.link(one, to: UInt32(random.pick(1...model.memory.capacity)))
      case 8 where one != 0: model.unlink(one)
      case 9 where one != 0: model.use(one)
      case 10 where one != 0:
        model.tree.setAside(one)
        model.aside.insert(one)
      case 11:
        guard let id = model.aside.min() else { continue }
        model.tree.restore(id)
        model.aside.remove(id)
      default: continue
      }
      if step % 5 == 0 { model.check() }
    }
  }

  /// The bytes of a chunk leave and come back, in the same record: what stands behind it does so all the while.
  @Test func aChunkThatComesBackHasItsFollowers() {
    let memory = ChunkMemory(capacity: 3)
    var tree = PrefixTree(nodes: memory.nodes)
    for id in memory.all { tree.enter(id, units: 1) }
    tree.link(2, to: 1)
    tree.link(3, to: 1)
    tree.stepAside(1)
    #expect(tree.count == 2 && memory.nodes[1].pointee.followers == 2)
    tree.leave(2)
    tree.comeBack(1, units: 1)
    #expect(tree.count == 2 && memory.nodes[1].pointee.followers == 1 && tree.leaves.count == 1)
    tree.leave(3)
    #expect(memory.nodes[1].pointee.followers == 0 && tree.leaves.count == 1)
  }

  /// What is away holds nobody back, and goes as if it were here.
  @Test func whatIsAwayLetsItsParentGo() {
    let memory = ChunkMemory(capacity: 2)
    var tree = PrefixTree(nodes: memory.nodes)
    for id in memory.all { tree.enter(id, units: 1) }
    tree.link(2, to: 1)
    tree.stepAside(2)
    #expect(tree.leaves.count == 1 && memory.nodes[1].pointee.followers == 0)
    tree.leave(2)
    #expect(tree.count == 1 && !memory.nodes[2].pointee.isStored)
  }

  /// The record of a chunk that has gone may be another chunk's.
  @Test func aParentThatHasGoneIsNoParent() {
    let model = Model()
    model.enter(1)
    model.enter(2)
    model.link(2, to: 1)
    model.leave(1)
    model.enter(1)
    #expect(model.memory.nodes.parent(of: 2) == 0)
    model.check()
    model.leave(2)
    model.check()
  }

  /// A node that was used very often stands for another chunk than it did.
  @Test func aNodeThatWasUsedOftenIsNoParent() {
    let memory = ChunkMemory(capacity: 2)
    var tree = PrefixTree(nodes: memory.nodes)
    tree.enter(1, units: 1)
    tree.enter(2, units: 1)
    tree.link(2, to: 1)
    tree.leave(1)
    // As many chunks later as two bytes count.
    for _ in 0..<65_536 { memory.renew(1) }
    tree.enter(1, units: 1)
    tree.leave(2)
    #expect(memory.nodes[1].pointee.followers == 0 && tree.leaves.count == 1)
  }

  /// Where it would take too long to see that there is no ring, none is risked.
  @Test func whatIsFarBehindIsNotMoved() {
    let memory = ChunkMemory(capacity: 400)
    var tree = PrefixTree(nodes: memory.nodes)
    func links(_ id: UInt32, to parent: UInt32) -> Bool { tree.link(id, to: parent) }
    for id in memory.all {
      memory.renew(id)
      tree.enter(id, units: 1)
      if id > 1, id < 399 { #expect(links(id, to: id - 1)) }
    }
    #expect(!links(1, to: 398), "a ring, further than is looked")
    #expect(links(399, to: 398) && !links(200, to: 399), "a ring, nearer")
    #expect(links(400, to: 398), "nothing follows it, so it is in no ring")
  }

  @Test func theNewestIsWhatWasUsedLast() {
    let model = Model()
    for id in UInt32(1)...3 { model.enter(id) }
    model.link(3, to: 2)
    #expect(model.tree.newest == 3)
    model.leave(3)
    #expect(model.tree.newest == 2, "what it stood behind")
    model.use(1)
    #expect(model.tree.newest == 1)
    model.leave(1)
    #expect(model.tree.newest == 0)
  }

  /// Its old bytes went for the new ones, and not to make room.
  @Test func whatIsStoredAnewWasNotLost() {
    let memory = ChunkMemory(capacity: 200)
    var tree = PrefixTree(nodes: memory.nodes)
    var isLost = false
    for round in 0..<10 {
      for chunk in UInt32(1)...100 {
        let (id, old) = round % 2 == 0 ? (chunk, chunk + 100) : (chunk + 100, chunk)
        memory.setHash(of: id, to: UInt64(chunk))
        memory.renew(id)
        if round == 0 {
          tree.enter(id, units: 1)
        } else {
          tree.enter(id, units: 1, insteadOf: old)
          tree.leave(old)
        }
        isLost = isLost || tree.trust.isLost
      }
    }
    #expect(!isLost)
  }

  @Test func usesAreCountedToABound() {
    let memory = ChunkMemory(capacity: 1)
    var tree = PrefixTree(nodes: memory.nodes)
    tree.enter(1, units: 1_000_000)
    for _ in 0..<300 { tree.use(1) }
    #expect(memory.nodes[1].pointee.reuses == 255 && memory.nodes[1].pointee.units == .max)
  }
}

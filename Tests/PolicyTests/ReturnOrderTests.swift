import Base
import Testing

@testable import Policy

/// Nodes in memory of their own.
final class Tree {
  let nodes: ChunkNodes
  var order: ReturnOrder
  private let memory: UnsafeMutablePointer<ChunkNode>
  private let capacity: Int
  private(set) var stored: Set<UInt32> = []
  private var stamps: [UInt32: UInt16] = [:]
  var setAside: Set<UInt32> = []

  init(capacity: Int, seed: UInt64 = 1) {
    self.capacity = capacity
    memory = .allocate(capacity: capacity + 1)
    memory.initialize(repeating: ChunkNode(), count: capacity + 1)
    nodes = ChunkNodes(base: UnsafeMutableRawPointer(memory), stride: MemoryLayout<ChunkNode>.stride)
    order = ReturnOrder(nodes: nodes, sparedShare: 20, seed: seed)
  }

  deinit { memory.deallocate() }

  var free: UInt32? { (1...UInt32(capacity)).first { !stored.contains($0) } }

  func enter(_ id: UInt32, after parent: UInt32, units: Int = 1) {
    stamps[id, default: 0] += 1
    order.enter(id, after: parent, units: units, stamp: stamps[id]!)
    stored.insert(id)
  }

  func leave(_ id: UInt32) {
    order.leave(id)
    stored.remove(id)
    setAside.remove(id)
  }

  /// A chunk is a leaf when no stored chunk follows it and it may go.
  func check() {
    var followers: [UInt32: UInt32] = [:]
    for id in stored { followers[nodes.parent(of: id), default: 0] += 1 }
    for id in stored {
      #expect(nodes[id].pointee.followers == followers[id] ?? 0)
      #expect((nodes[id].pointee.leaf != 0) == (followers[id] == nil && !setAside.contains(id)))
    }
    #expect(order.count == stored.count)
  }
}

@Suite struct ReturnOrderTests {
  @Test func aNodeFitsARecord() { #expect(MemoryLayout<ChunkNode>.stride <= 28) }

  @Test(arguments: 0..<30)
  func leavesAreWhatNothingFollows(seed: UInt64) {
    let tree = Tree(capacity: 60, seed: seed)
    var random = SplitMix64(seed: seed)
    for step in 0..<1500 {
      let some = tree.stored.sorted()
      let one = some.isEmpty ? 0 : some[random.pick(0...some.count - 1)]
      let other = some.isEmpty ? 0 : some[random.pick(0...some.count - 1)]
      switch random.pick(0...9) {
      case 0...3: if let id = tree.free { tree.enter(id, after: random.chance(perMille: 200) ? 0 : one) }
      case 4 where one != 0: tree.leave(one)
      case 5 where one != 0: tree.order.touch(one, after: other, isFirst: random.chance(perMille: 300))
      case 6 where one != 0 && !tree.setAside.contains(one):
        tree.order.setAside(one)
        tree.setAside.insert(one)
      case 7:
        guard let id = tree.setAside.min() else { continue }
        tree.order.restore(id)
        tree.setAside.remove(id)
      case 8 where one != 0: tree.order.finish(one, length: random.pick(1...20)) { UInt64($0) &* 77 }
      default:
        if let victim = tree.order.victim() {
          #expect(tree.nodes[victim].pointee.leaf != 0 && tree.nodes[victim].pointee.isStored)
          tree.leave(victim)
        } else {
          #expect(tree.stored.allSatisfy { tree.nodes[$0].pointee.leaf == 0 })
        }
      }
      if step % 10 == 0 { tree.check() }
    }
    tree.check()
  }

  @Test func aPrefixGoesFromItsTail() {
    let tree = Tree(capacity: 10)
    for id in UInt32(1)...10 { tree.enter(id, after: id - 1) }
    tree.order.finish(10, length: 10) { UInt64($0) }
    for id in (UInt32(1)...10).reversed() {
      #expect(tree.order.victim() == id)
      tree.leave(id)
    }
    #expect(tree.order.victim() == nil)
  }

  /// The record of a chunk that has gone may be another chunk's.
  @Test func aParentThatHasGoneIsNoParent() {
    let tree = Tree(capacity: 3)
    tree.enter(1, after: 0)
    tree.enter(2, after: 1)
    tree.leave(1)
    tree.enter(1, after: 0)
    tree.check()
    #expect(tree.nodes.parent(of: 2) == 0)
    tree.leave(2)
    tree.check()
  }

  /// Where all are leaves, and as many are watched as may be.
  @Test func itTakesNoMoreThanIsBooked() {
    let tree = Tree(capacity: 20_000)
    for id in UInt32(1)...20_000 {
      tree.enter(id, after: 0)
      tree.order.finish(id, length: 1) { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 }
      guard id > 200 else { continue }
      #expect(tree.order.bytes <= Int(id) * ReturnOrder.bytesPerChunk)
    }
    #expect(Returns.size * 3 * MemoryLayout<Float>.stride < ReturnOrder.tableBytes)
  }

  @Test func whatTakesMoreRoomGoesFirst() {
    let tree = Tree(capacity: 4)
    for id in UInt32(1)...4 {
      tree.enter(id, after: 0, units: id == 2 ? 100 : 10)
      tree.order.finish(id, length: 1) { UInt64($0) }
    }
    for _ in 0..<10 { tree.order.touch(4, after: 0) }
    #expect(tree.order.victim() == 2)
  }
}
